import type { CopyReport, CopyVerification } from '@pratique/oci';

/** What the copier's process is asked to do: every tag of a repository, from one registry to another. */
export interface CopierJob {
  source: string;
  target: string;
  repository: string;
  plainHttp: boolean;
  /** How the target is looked at where the image is there already. */
  verify: CopyVerification;
}

export interface CopierAnswer {
  /** Milliseconds from the listing of the tags to the end of the last copy. */
  wallMs: number;
  /** Peak resident memory of the process since its start, in MB. */
  peakMb: number;
  images: number;
  requests: number;
  bytes: number;
  /** Why it failed. */
  error?: string;
}

/** Figures that add up over the images of a job. */
export function sumOf(reports: readonly CopyReport[]): Pick<CopierAnswer, 'images' | 'requests' | 'bytes'> {
  return {
    images: reports.length,
    requests: reports.reduce((sum, { requests }) => sum + requests, 0),
    bytes: reports.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
