import { appendFileSync, readFileSync } from 'node:fs';
import type { Fault, FaultPlan } from '../fault-plan.js';

/** What a process is told at the beginning of a seed, and again after it was started anew. */
export interface KillOrders {
  plan: FaultPlan;
  brokerPid: number;
  workerPid: number;
  /** Where whoever kills writes down, before, which fault of the plan it was. */
  killsFile: string;
}

/** Where there is a broker to kill, every breakage is the SIGKILL of broker or worker. */
function victim({ breakage }: Fault): 'broker' | 'worker' {
  return breakage === 'kill broker' || breakage === 'disk full' || breakage === 'long outage'
    ? 'broker'
    : 'worker';
}

// So long the broker may still write, and answer, what was under way and is to be done.
const lastMs = 3;

/** Carries a fault out, wherever in the two processes its step was reached. */
export function killVictim(fault: Fault, { plan, brokerPid, workerPid, killsFile }: KillOrders): void {
  appendFileSync(killsFile, `${nameOf(plan, fault)}\n`);
  const pid = victim(fault) === 'broker' ? brokerPid : workerPid;
  if (fault.done && pid === process.pid) setTimeout(() => process.kill(pid, 'SIGKILL'), lastMs);
  else process.kill(pid, 'SIGKILL');
}

/** The plan without the faults that have happened. */
export function withoutKills(plan: FaultPlan, killsFile: string): FaultPlan {
  const happened = new Set(readFileSync(killsFile, 'utf8').split('\n'));
  return { ...plan, faults: plan.faults.filter((fault) => !happened.has(nameOf(plan, fault))) };
}

function nameOf({ seed }: FaultPlan, { step, occurrence }: Fault): string {
  return `${seed} ${step} ${occurrence}`;
}
