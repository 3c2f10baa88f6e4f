/**
 * A lock token travels as the delivery tag: the 16 bytes of a .NET Guid, whose first three groups are little-endian.
 * In management requests it is an AMQP uuid in network order.
 */
export function lockTokenToTag(token: string): Buffer {
  return swapGroups(Buffer.from(token.replaceAll('-', ''), 'hex'));
}

/** The reverse of `lockTokenToTag`; undefined when the tag is not 16 bytes long. */
export function tagToLockToken(tag: Buffer): string | undefined {
  return tag.length === 16 ? uuidToLockToken(swapGroups(Buffer.from(tag))) : undefined;
}

/** The token in a management request's uuid, in the form the engine uses. */
export function uuidToLockToken(uuid: Buffer): string {
  const hex = uuid.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function swapGroups(bytes: Buffer): Buffer {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
