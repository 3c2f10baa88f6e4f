/** What exists on the broker, as far as it can be seen from outside. What is absent could not be looked at. */
export interface ActualTopic {
  name: string;
  settings?: TopicSettings;
  subscriptions: readonly ActualSubscription[];
}

export interface TopicSettings {
  /** 0 when doubles are not detected. */
  duplicateDetectionWindowMs: number;
  status: string;
}

export interface ActualSubscription {
  name: string;
  settings?: SubscriptionSettings;
  rules?: readonly ActualRule[];
}

export interface SubscriptionSettings {
  lockDurationMs: number;
  maxDeliveryCount: number;
  sessions: boolean;
  /** Where messages go instead of staying. */
  forwardTo: string | undefined;
  status: string;
}

export interface ActualRule {
  name: string;
  /** Absent for a filter that is not written in SQL. */
  sql: string | undefined;
  /** What it changes in the messages that it takes. */
  action: string | undefined;
}

export interface ActualEventHub {
  name: string;
  partitions: number;
  consumerGroups: readonly string[];
}
