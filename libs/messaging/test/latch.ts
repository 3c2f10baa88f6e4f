export interface Latch {
  opened: Promise<void>;
  open: () => void;
}

/** Something to wait for that a test, or a handler within it, decides. */
export function latch(): Latch {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
