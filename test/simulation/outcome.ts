export type Violation = { readonly rule: string; readonly detail: string; readonly atMs: number };

export type Outcome = {
  /** The first rule that was broken; null: all is well. */
  readonly violation: Violation | null;
  readonly counts: Counts;
  /** Empty unless it was asked for. */
  readonly trace: readonly string[];
};

export type Counts = {
  steps: number;
  orders: number;
  calls: number;
  kills: number;
  restarts: number;
};
