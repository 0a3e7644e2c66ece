/*
 * What to expect of a queue: calls arrive at random (Poisson), last exponentially long, and `n` equal agents take them in
 * the order of their arrival. Erlang C: everybody waits (M/M/n). Erlang A: patience is exponential, too (M/M/n+M).
 *
 * With arrivals λ, end of a call μ = 1 ÷ handling time and of patience θ = 1 ÷ mean patience, load a = λ÷μ, ρ = a÷n:
 *
 * Erlang B   B(0) = 1, B(n) = aB(n−1) ÷ (n + aB(n−1)). Never leaves 0..1, so that it is exact for any n.
 * Erlang C   P(wait) = B ÷ (1 − ρ(1 − B)), E(wait) = P(wait) ÷ (nμ − λ), P(wait > T) = P(wait) · exp(−(nμ − λ)T).
 *            [A. K. Erlang 1917; Whitt, "The Erlang B and C formulas: problems and solutions", 2002]
 * Erlang A   With A(x, y) = 1 + Σ_{j≥1} y^j ÷ ((x+1)···(x+j)), x = nμ÷θ, y = λ÷θ:
 *            P(wait)           = AB ÷ (1 + (A − 1)B) = 1 ÷ (1 + (1 − B) ÷ (AB))
 *            P(leave | wait)   = 1÷(ρA) + 1 − 1÷ρ,  E(wait) = P(leave) ÷ θ
 *            [Palm 1957; Garnett, Mandelbaum, Reiman, "Designing a call center with impatient customers", 2002;
 *            Mandelbaum, Zeltyn, "The Palm/Erlang-A queue", 2005]
 *            P(answered after T | wait) = g(T) · (A(x, y·exp(−θT)) − 1) ÷ (ρA), ln g(T) = y(1 − exp(−θT)) − nμT
 *            from the density of the wait of a very patient caller, which is proportional to g [Baccelli, Hébuterne
 *            1981], integrated by parts; ∫ g over (T, ∞) is g(T) · A(x, y·exp(−θT)) ÷ nμ.
 */

export type Demand = {
  readonly callsPerHour: number;
  /** Mean time that a call keeps an agent: talk and wrap-up. */
  readonly handlingMs: number;
  /** Mean time after which a caller who waits gives up; null: nobody ever does. */
  readonly patienceMs: number | null;
};

/** Shares are 0..1 of all calls. */
export type Forecast = {
  readonly agents: number;
  /** Share of the agents' time that calls take. */
  readonly occupancy: number;
  readonly waitProbability: number;
  /** Over all calls, also those that do not wait and those that are given up. */
  readonly meanWaitMs: number;
  readonly abandonProbability: number;
  /** Share that is answered within so much waiting. */
  answeredWithin(waitMs: number): number;
};

const hourMs = 3_600_000;

/** Calls in progress at once, on average, if nobody waited: the load in erlangs. */
export const loadOf = ({ callsPerHour, handlingMs }: Demand): number => (callsPerHour / hourMs) * handlingMs;

/** What so many agents (1 or more) mean for that demand. Null: nobody gives up and the queue would grow without end. */
export function forecast(demand: Demand, agents: number): Forecast | null {
  return demand.patienceMs === null
    ? erlangC(demand, agents)
    : erlangA({ ...demand, patienceMs: demand.patienceMs }, agents);
}

/**
 * The fewest agents with whom that share (above 0, below 1) of all calls is answered within `withinMs`. Null: more than
 * `agentsMax`.
 */
export function agentsNeeded(
  demand: Demand,
  target: { readonly share: number; readonly withinMs: number },
  agentsMax: number,
): number | null {
  const suffices = (agents: number) => {
    const expected = forecast(demand, agents);
    return expected !== null && expected.answeredWithin(target.withinMs) >= target.share;
  };
  if (!suffices(agentsMax)) return null;
  // One more agent never makes it worse.
  let [tooFew, enough] = [0, agentsMax];
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >>> 1;
    if (suffices(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/** The probability that all agents are busy if callers who find them so did not wait. */
export function erlangB(agents: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= agents; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

function erlangC(demand: Demand, agents: number): Forecast | null {
  const load = loadOf(demand);
  if (load >= agents) return null;
  const blocked = erlangB(agents, load);
  const occupancy = load / agents;
  const waitProbability = blocked / (1 - occupancy * (1 - blocked));
  // nμ − λ, per millisecond.
  const spareRate = (agents - load) / demand.handlingMs;
  return {
    agents,
    occupancy,
    waitProbability,
    meanWaitMs: waitProbability / spareRate,
    abandonProbability: 0,
    answeredWithin: (waitMs) => 1 - waitProbability * Math.exp(-spareRate * waitMs),
  };
}

function erlangA({ patienceMs, ...demand }: Demand & { patienceMs: number }, agents: number): Forecast {
  const load = loadOf({ ...demand, patienceMs });
  const blocked = erlangB(agents, load);
  const loadPerAgent = load / agents;
  const x = (agents * patienceMs) / demand.handlingMs;
  const y = (demand.callsPerHour / hourMs) * patienceMs;
  const lnA = lnPalm(x, y);
  const waitProbability = 1 / (1 + (1 - blocked) / (blocked * Math.exp(lnA)));
  const abandonProbability = waitProbability * (Math.exp(-lnA) / loadPerAgent + 1 - 1 / loadPerAgent);
  const answeredAfter = (waitMs: number) => {
    const left = Math.exp(-waitMs / patienceMs);
    const lnG = y * (1 - left) - (agents * waitMs) / demand.handlingMs;
    const lnLater = lnPalm(x, y * left);
    return (waitProbability / loadPerAgent) * (Math.exp(lnG + lnLater - lnA) - Math.exp(lnG - lnA));
  };
  return {
    agents,
    occupancy: loadPerAgent * (1 - abandonProbability),
    waitProbability,
    meanWaitMs: abandonProbability * patienceMs,
    abandonProbability,
    // In a hopeless overload the two shares take each other away but for a rounding error.
    answeredWithin: (waitMs) => Math.max(0, 1 - abandonProbability - answeredAfter(waitMs)),
  };
}

/** Far above any sum, far below where numbers end. */
const large = 1e200;

/** ln A(x, y). In an overload A is too large for a number, so the terms are made smaller along the way. */
function lnPalm(x: number, y: number): number {
  let sum = 1;
  let term = 1;
  let lnScale = 0;
  // The terms fall from where j > y − x on; then, once they no longer count, neither do all that follow.
  for (let j = 1; term > sum * Number.EPSILON * 1e-3 || j < y - x; j++) {
    term *= y / (x + j);
    sum += term;
    if (sum > large) {
      term /= large;
      sum /= large;
      lnScale += Math.log(large);
    }
  }
  return Math.log(sum) + lnScale;
}
