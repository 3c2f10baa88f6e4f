import { heardInShort } from './hear-recordings.contract.js';
import { recordingsOf } from './recorded-deliveries.contract.js';
import type { RegistryKind } from './registries.js';

type Recorded = Readonly<Record<string, readonly string[]>>;

/** What follows from every recording, for the kinds that have no list of their own. */
const heard: Readonly<Record<Exclude<RegistryKind, 'acr' | 'distribution'>, Recorded>> = {
  'acr-event-grid': {
    batch: ['pushed tripinsights/poi@a1dd1fc7', 'pushed tripinsights/poi:1.9.0@a5915ba1'],
    'chart-pushed': [],
    'cloudevents-batch': ['deleted tripinsights/poi@930ed49d', 'pushed tripinsights/poi:2.0.1@930ed49d'],
    'cloudevents-image-pushed': ['pushed tripinsights/poi:2.0.0@930ed49d'],
    'image-deleted': ['deleted tripinsights/poi@930ed49d'],
    'image-pushed': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'subscription-validation': [
      '{"answer":{"body":{"validationResponse":"512D38B6-C7B8-40C8-89FE-F46F9E9622B6"}}}',
    ],
  },
  'artifact-registry': {
    'delete-image': ['deleted contoso/images/tripinsights/poi@930ed49d'],
    'delete-tag': ['deleted contoso/images/tripinsights/poi:1.7.0'],
    'insert-by-digest': ['pushed contoso/images/tripinsights/poi@a1dd1fc7'],
    'insert-of-another-region': [],
    insert: ['pushed contoso/images/tripinsights/poi:1.8.0@930ed49d'],
  },
  artifactory: {
    'signed-deleted': ['deleted docker-local/tripinsights/poi:1.7.0@930ed49d'],
    'signed-promoted': [],
    'signed-pushed-index': ['pushed docker-local/tripinsights/poi:1.8.0@a5915ba1'],
    'token-artifact-deployed': [],
    'token-pushed': ['pushed docker-local/tripinsights/poi:1.8.0@930ed49d'],
  },
  cdevents: {
    'bare-packaged': [],
    'bare-published-elsewhere': [],
    'bare-published': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'binary-deleted': ['deleted tripinsights/poi@930ed49d'],
    'structured-pipelinerun': [],
    'structured-published': ['pushed tripinsights/poi:1.9.0@a5915ba1'],
  },
  cloudevents: {
    batch: ['pushed tripinsights/poi:1.9.0@930ed49d', 'pushed tripinsights/poi:1.9.1@a5915ba1'],
    'binary-pushed': ['pushed tripinsights/poi:2.0.0@930ed49d'],
    'structured-base64': ['pushed tripinsights/poi:1.8.1@930ed49d'],
    'structured-deleted': ['deleted tripinsights/poi:1.7.0@930ed49d'],
    'structured-other-type': [],
    'structured-pushed': ['pushed tripinsights/poi:1.8.0@930ed49d'],
  },
  'docker-hub': {
    'push-with-media-type': ['pushed tripinsights/poi:latest'],
    push: ['pushed tripinsights/poi:1.8.0'],
  },
  ecr: {
    'eventbridge-delete': ['deleted tripinsights/poi:1.7.0@930ed49d'],
    'eventbridge-push-by-digest': ['pushed tripinsights/poi@a1dd1fc7'],
    'eventbridge-push-failed': [],
    'eventbridge-push': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'eventbridge-scan': [],
    'sns-delete': ['deleted tripinsights/poi:1.7.1@930ed49d'],
    'sns-push-version-1': ['pushed tripinsights/poi:1.8.2@930ed49d'],
    'sns-push': ['pushed tripinsights/poi:1.8.1@930ed49d'],
    'sns-subscription-confirmation': [
      expect.stringContaining(
        '"visit":"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn',
      ),
    ],
    'sns-unsubscribe-confirmation': [],
  },
  generic: {
    'signed-added': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'signed-empty': [],
    'token-added': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'token-nothing': [],
    'token-removed-and-replaced': [
      'deleted tripinsights/poi:1.7.0@930ed49d',
      'pushed tripinsights/poi:latest@a5915ba1',
    ],
  },
  ghcr: {
    'npm-package': [],
    'package-helm-chart': ['pushed contoso/charts/poi:0.3.1@cc57fc19'],
    'package-index': ['pushed contoso/poi:1.8.0@a5915ba1'],
    'package-published-form': ['pushed contoso/poi:1.8.0@930ed49d'],
    'package-published': ['pushed contoso/poi:1.8.0@930ed49d'],
    'package-signature-tag': [
      'pushed contoso/poi:sha256-a5915ba1047acc0a6abf1906e2ad9137d08643dbd445470d1feeaa6875408009.sig@d8ecac41',
    ],
    'package-untagged-child': ['pushed contoso/poi@a1dd1fc7'],
    ping: [],
    'registry-package-updated': ['pushed contoso/poi:1.8.0@930ed49d'],
  },
  gitea: {
    'forgejo-package-created': ['pushed tripinsights/poi:2.0.0'],
    'npm-package': [],
    'package-child-of-index': ['pushed tripinsights/poi@a1dd1fc7'],
    'package-created-form': ['pushed tripinsights/poi:1.8.1'],
    'package-created': ['pushed tripinsights/poi:1.8.0'],
    'package-deleted': ['deleted tripinsights/poi:1.7.0'],
    'push-of-code': [],
  },
  gitlab: {
    'delete-tag': ['deleted platform/maps/poi:1.7.0'],
    pull: [],
    'push-blob': [],
    'push-tag': ['pushed platform/maps/poi:1.8.0@930ed49d'],
  },
  harbor: {
    'cloudevents-deleted': ['deleted tripinsights/poi:1.8.0@930ed49d'],
    'cloudevents-pushed': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'cloudevents-quota': [],
    'delete-two-tags': ['deleted tripinsights/poi:1.7.0@930ed49d', 'deleted tripinsights/poi:1.7@930ed49d'],
    'push-artifact': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'push-nested-repository': ['pushed platform/maps/tiles:2.0@a5915ba1'],
    'push-untagged': ['pushed tripinsights/poi@a1dd1fc7'],
    replication: [],
    'scanning-completed': [],
  },
  nexus: {
    'asset-created': [],
    'component-created': ['pushed tripinsights/poi:1.8.0'],
    'component-deleted': ['deleted tripinsights/poi:1.7.0'],
    'component-purged': [],
    'component-updated': ['pushed tripinsights/poi:latest'],
    'maven-component': [],
  },
  quay: {
    'build-success': [],
    'repo-push-of-several-tags': [
      'pushed tripinsights/poi:1',
      'pushed tripinsights/poi:1.8',
      'pushed tripinsights/poi:1.8.1',
    ],
    'repo-push': ['pushed tripinsights/poi:1.8.0'],
    'vulnerability-found': [],
  },
  zot: {
    'image-deleted': ['deleted tripinsights/poi:1.7.0@930ed49d'],
    'image-scanned': [],
    'image-updated-by-digest': ['pushed tripinsights/poi@a1dd1fc7'],
    'image-updated-own-prefix': ['pushed tripinsights/poi:1.9.0@a5915ba1'],
    'image-updated': ['pushed tripinsights/poi:1.8.0@930ed49d'],
    'repository-created': [],
  },
};

describe.each(Object.entries(heard))('registries/recorded-kinds, %s', (kind, recordings) => {
  it.each(Object.entries(recordings))('hears what %s says', async (recording, expected) => {
    expect(await heardInShort(kind as RegistryKind, recording)).toEqual(expected);
  });

  it('has an expectation for every recording', () => {
    expect(Object.keys(recordings).toSorted()).toEqual(recordingsOf(kind).toSorted());
  });
});
