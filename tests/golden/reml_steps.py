"""How many steps different methods need to tau² by restricted maximum likelihood, over made-up sets of sites: the figures of
docs/decisions/0016.

    python3 tests/golden/reml_steps.py [SETS OF EACH KIND, 1000]
"""

import math
import random
import sys

LIMIT, CLOSE = 200, 1e-12


def parts(y, v, between):
    """M, and of p = w / sum w and residuals r: p, r."""
    weights = [1 / (x + between) for x in v]
    total = math.fsum(weights)
    p = [w / total for w in weights]
    mean = math.fsum(a * b for a, b in zip(p, y))
    return 1 / total, p, [x - mean for x in y]


def sums(y, v, between):
    m, p, r = parts(y, v, between)
    power = lambda k, of=lambda x: 1: math.fsum(a**k * of(x) for a, x in zip(p, r))
    s, e = power(2, lambda x: x * x), 1 - power(2)
    d = power(2) - 2 * power(3) + power(2) ** 2
    u = power(3, lambda x: x * x) - power(2, lambda x: x) ** 2
    return m, s, e, d, u


def fisher(m, s, e, d, u):
    return (s - m * e) / d


def average(m, s, e, d, u):
    return (s - m * e) * m / u if u > 0 else fisher(m, s, e, d, u)


def newton(m, s, e, d, u):
    observed = 2 * u / m - d
    return (s - m * e) / observed if observed > d / 32 else fisher(m, s, e, d, u)


def ratio(m, s, e, d, u):
    slope = 2 * e * u - s * d
    return fisher(m, s, e, d, u) * (s * d / slope if 32 * slope > s * d and 4 * s > m * e else 1)


def moments(y, v):
    weights = [1 / x for x in v]
    total, mean = math.fsum(weights), math.fsum(w * x for w, x in zip(weights, y)) / math.fsum(weights)
    q = math.fsum(w * (x - mean) ** 2 for w, x in zip(weights, y))
    return max(0.0, (q - len(y) + 1) / (total - math.fsum(w * w for w in weights) / total))


def steps(y, v, method):
    """How many, and where they end."""
    between = moments(y, v)
    for step in range(1, LIMIT + 1):
        at = sums(y, v, between)
        following = max(0.0, between + method(*at))
        if abs(following - between) < CLOSE * (between + at[0]):
            return step, following
        between = following
    return LIMIT + 1, between


def likelihood(y, v, between):
    m, _, r = parts(y, v, between)
    return -(math.fsum(math.log(x + between) + a * a / (x + between) for x, a in zip(v, r)) - math.log(m)) / 2


def main():
    draw, sets, counts, higher_at_0 = random.Random(7), int(sys.argv[1]) if len(sys.argv) > 1 else 1000, {}, 0
    for spread in (0.5, 1, 2):
        for heterogeneity in (0, 0.5, 2, 10):
            for _ in range(sets):
                v = [math.exp(draw.gauss(-2, spread)) for _ in range(draw.randrange(3, 10))]
                extra = heterogeneity * sorted(v)[len(v) // 2]
                y = [draw.gauss(0, math.sqrt(x + extra)) for x in v]
                for method in (fisher, average, newton, ratio):
                    count, between = steps(y, v, method)
                    counts.setdefault(method.__name__, []).append(count)
                higher_at_0 += likelihood(y, v, 0) > likelihood(y, v, between) + 1e-9
    for name, found in counts.items():
        found.sort()
        more = sum(count > 10 for count in found)
        print(f"{name:8} {found[len(found) // 2]:3} steps for half of {len(found)} sets, {found[len(found) * 95 // 100]:3} for 95 in 100, "
              f"{found[len(found) * 99 // 100]:3} for 99 in 100; more than 10 for {more}, more than {LIMIT} for {found.count(LIMIT + 1)}")
    print(f"a higher maximum at 0: {higher_at_0}")


if __name__ == "__main__":
    main()
