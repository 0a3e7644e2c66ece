/** Q.850 causes that are sent or reported. */
export const cause = {
  /** Not said, or nobody knows. */
  unknown: 0,
  unallocatedNumber: 1,
  normal: 16,
  busy: 17,
  /** The phone is not registered. */
  subscriberAbsent: 20,
  /** Phones then show no missed call: "Call completed elsewhere". */
  answeredElsewhere: 26,
  invalidNumber: 28,
  outOfOrder: 38,
} as const;

/** What a caller is let go with. */
export const hangUpCause = {
  normal: cause.normal,
  unknown_number: cause.unallocatedNumber,
  busy: cause.busy,
} as const;
