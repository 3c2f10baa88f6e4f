/** What a server under test is told, as the one argument of its process. */
export interface ServerTask {
  /** Of ingress: where its broker is. */
  connectionString?: string;
  /** Of ingress: the folder of its journal. */
  journal?: string;
}

/** What it reports: where it answers, once, and then the processor time that it has used, whenever it is asked. */
export interface ServerReport {
  port?: number;
  cpuMicroseconds?: number;
}
