/** A media type as in a Content-Type or Accept header, without its parameters. */
export function withoutParameters(mediaType: string): string {
  return mediaType.replace(/;.*$/s, '').trim();
}

/** Whether an Accept header takes a media type. None at all takes everything. */
export function acceptsMediaType(header: string | undefined, mediaType: string): boolean {
  if (header === undefined || header.trim() === '') return true;
  const group = mediaType.replace(/\/.*$/, '/*');
  return header
    .split(',')
    .map(withoutParameters)
    .some((entry) => entry === '*/*' || entry === group || entry === mediaType);
}
