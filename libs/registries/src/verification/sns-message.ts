import { z } from 'zod';

// What Amazon SNS signs are the texts as it wrote them, so nothing is trimmed or normalised here.
const text = z.string().max(256 * 1024);
const short = z.string().min(1).max(2048);

const everyMessage = {
  MessageId: short,
  TopicArn: short,
  Message: text,
  Timestamp: z.iso.datetime(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().max(2048),
  SigningCertURL: z.string().max(2048),
};

const Notification = z.object({
  ...everyMessage,
  Type: z.literal('Notification'),
  Subject: z.string().max(2048).nullish(),
});

const Confirmation = z.object({
  ...everyMessage,
  Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  Token: short,
  SubscribeURL: short,
});

/**
 * What Amazon SNS posts to an endpoint.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export const SnsMessage = z.discriminatedUnion('Type', [Notification, Confirmation]);
export type SnsMessage = z.output<typeof SnsMessage>;

/**
 * The text that SNS signs: certain fields, each as a line with its name and a line with its value, by alphabet.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 */
export function signedText(message: SnsMessage): string {
  const { Type, Message, MessageId, Timestamp, TopicArn } = message;
  const fields: Record<string, string | null | undefined> =
    Type === 'Notification'
      ? { Message, MessageId, Subject: message.Subject, Timestamp, TopicArn, Type }
      : {
          Message,
          MessageId,
          SubscribeURL: message.SubscribeURL,
          Timestamp,
          Token: message.Token,
          TopicArn,
          Type,
        };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}\n${value ?? ''}\n`)
    .join('');
}
