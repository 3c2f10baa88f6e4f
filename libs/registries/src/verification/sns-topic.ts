import { z } from 'zod';

const arn = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{3,32}):\d{12}:[A-Za-z0-9_-]{1,256}$/;

/** The ARN of a topic of Amazon SNS, which also says in which region, and so at which host, SNS answers for it. */
export const SnsTopicArn = z
  .string()
  .regex(arn, 'is not the ARN of a topic, such as arn:aws:sns:eu-west-1:123456789012:ecr-events');
export type SnsTopicArn = z.output<typeof SnsTopicArn>;

/** The host of SNS in the topic's region: the only one from which certificates are taken and where subscriptions are confirmed. */
export function snsHost(topic: SnsTopicArn): string {
  const [, partition = '', region = ''] = arn.exec(topic) ?? [];
  return `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}
