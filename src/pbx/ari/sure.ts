import { isAriError, isUncertain } from "./errors.ts";

/**
 * Does it, and when nobody knows whether it was done, does it again: since all ids are ours, the second answer says what is
 * true. An answer of the kind `alreadyDone` to the second is success.
 */
export async function sure(action: () => Promise<unknown>, alreadyDone?: "conflict"): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isUncertain(error)) throw error;
    try {
      await action();
    } catch (second) {
      if (!alreadyDone || !isAriError(second, alreadyDone)) throw second;
    }
  }
}

/** For ending things: true when it was there, false when it was gone already. */
export async function done(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await sure(action);
    return true;
  } catch (error) {
    if (isAriError(error, "not_found")) return false;
    throw error;
  }
}
