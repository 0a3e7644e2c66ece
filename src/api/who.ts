/** How a client shows who it is. */

/** Who is behind a request. */
export type Author = {
  /** A user name. */
  readonly who: string;
  /** claimed: a program of root's says so; nobody else's is believed. */
  readonly found: "verified" | "claimed";
  /** The user that the request came from, verified. */
  readonly account: string;
};

/** Who asks for a change, and why. */
export type Mandate = Author & { readonly reason: string | null };

/**
 * Every request that is no GET needs a proof of who sends it. POST /who answers `{"file": NAME}`; the client creates that file in the folder
 * `run/who` of the home, empty and with mode 0400, and names it in the header `proof` of one request: the daemon believes
 * that the file's owner has sent it. The others say who is behind root (`/proc/self/loginuid`, SUDO_USER), and why
 * the change is made, with everything but ASCII letters and digits percent-encoded. With `dryRun: true` all is checked and
 * nothing done: the answer is rehearsedSchema, or what refuses the change.
 */
export const whoHeaders = {
  proof: "x-hotline-proof",
  loginUid: "x-hotline-login-uid",
  sudoUser: "x-hotline-sudo-user",
  reason: "x-hotline-reason",
  dryRun: "x-hotline-dry-run",
} as const;
export const proofMode = 0o400;

export const proofNamePattern = /^[A-Za-z0-9_-]{20,64}$/;
