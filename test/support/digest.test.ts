import assert from "node:assert/strict";
import { test } from "node:test";
import { answerChallenge, parseChallenge } from "./sip/digest.ts";

test("the example of RFC 2617 gives its response", () => {
  const challenge = parseChallenge(
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
      'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
  const request = { username: "Mufasa", password: "Circle Of Life", method: "GET", uri: "/dir/index.html" };
  const answer = answerChallenge(challenge, request, "0a4f113b");
  assert.match(answer, /response="6629fae49393a05397450978507c4ef1"/);
  assert.match(answer, /opaque="5ccc069c403ebaf9f0171e9517f40e41"/);
  assert.match(answer, /nc=00000001/);
});

test("a challenge without qop gets the short form", () => {
  const challenge = parseChallenge(
    'Digest algorithm=MD5,realm="biloxi.com",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
  );
  const request = { username: "bob", password: "zanzibar", method: "INVITE", uri: "sip:bob@biloxi.com" };
  const answer = answerChallenge(challenge, request);
  assert.match(answer, /response="bf57e4e0d0bffc0fbaedce64d59add5e"/);
  assert.doesNotMatch(answer, /qop/);
});

test("other ways to ask are refused by name", () => {
  assert.throws(() => parseChallenge("Basic realm=x"), /not a digest/);
  assert.throws(() => parseChallenge('Digest realm="x", nonce="y", algorithm=SHA-256'), /SHA-256/);
});
