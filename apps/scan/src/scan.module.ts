import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import {
  closeRegistries,
  connectRegistries,
  type RegistryAccess,
  type RegistryConnections,
} from '@pratique/registry-access';
import { openSigner } from './attestation/open-signer.js';
import { VerdictRecords } from './attestation/verdict-records.js';
import { FollowEvent } from './follow-event.js';
import { QuarantineSection } from './quarantine/quarantine.settings.js';
import { RegistryEventConsumer } from './registry-event.consumer.js';
import { folderReportStore } from './reports/folder-report-store.js';
import { compileRescanRules } from './rescan/rescan-rule.js';
import { ScanDuties } from './scan-duties.js';
import type { ScanConfig } from './scan.settings.js';
import { compilePolicies } from './scan-policy.js';
import { openScanners } from './scanners/scanners.js';

export type ScanModuleConfig = Pick<ScanConfig, 'registries' | 'scan' | 'scanLimits'> &
  Partial<Pick<ScanConfig, 'scanners' | 'attestation' | 'reports' | 'staging' | 'quarantine' | 'rescan'>>;

const connections = Symbol('RegistryConnections');

/** Wires scan together. The publishers come from the application's `MessagingModule`. */
@Module({})
export class ScanModule implements OnApplicationShutdown {
  constructor(@Inject(connections) private readonly registries: RegistryConnections) {}

  /** @param access takes the place of the identities that the configuration names */
  static register(config: ScanModuleConfig, access: RegistryAccess = {}): DynamicModule {
    const policies = compilePolicies(config.scan);
    const identity = openSigner(config.attestation, access);
    const rescan = compileRescanRules(config.rescan ?? []);
    const records = new VerdictRecords({
      identity,
      sbom: config.attestation?.sbom === true ? config.scanLimits : undefined,
      reports: config.reports && folderReportStore(config.reports.folder),
    });
    const scanners = openScanners(config.scanners ?? []);
    return {
      module: ScanModule,
      controllers: [RegistryEventConsumer],
      providers: [
        { provide: connections, useFactory: () => connectRegistries(config.registries, access) },
        {
          provide: FollowEvent,
          useFactory: (
            registries: RegistryConnections,
            outcomes: OutcomePublisher,
            events: RegistryEventPublisher,
            duties: ScanDuties,
          ) =>
            new FollowEvent({
              policies,
              connections: registries,
              outcomes,
              events,
              limits: config.scanLimits,
              records,
              scanners,
              staging: config.staging,
              rescan,
              hearScanner: (scanner) => duties.hearScanner(scanner),
            }),
          inject: [connections, OutcomePublisher, RegistryEventPublisher, ScanDuties],
        },
        {
          provide: ScanDuties,
          useFactory: (
            registries: RegistryConnections,
            outcomes: OutcomePublisher,
            events: RegistryEventPublisher,
          ) =>
            new ScanDuties({
              ...{ connections: registries, outcomes, events, identity, rescan },
              staging: config.staging ?? [],
              quarantine: config.quarantine ?? QuarantineSection.parse(undefined),
            }),
          inject: [connections, OutcomePublisher, RegistryEventPublisher],
        },
      ],
    };
  }

  // Nest calls this when the servers are closed, so no handler uses a connection any more.
  async onApplicationShutdown(): Promise<void> {
    await closeRegistries(this.registries);
  }
}
