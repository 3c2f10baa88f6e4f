import { type CopySide, OciError } from '@pratique/oci';

/** Runs one side of a copy, so that its errors say so. */
export async function onSide<T>(side: CopySide, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OciError ? error.at(side) : error;
  }
}
