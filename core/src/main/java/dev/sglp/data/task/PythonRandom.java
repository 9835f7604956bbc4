package dev.sglp.data.task;

import java.util.LinkedHashSet;
import java.util.stream.IntStream;

/// Draws as CPython's `random.Random(seed).sample` does, since that is what lm-evaluation-harness draws a question's examples by: the Mersenne
/// Twister MT19937 (Matsumoto and Nishimura 1998, doi 10.1145/272991.272995), numbers below a bound by throwing away what is too large.
final class PythonRandom {
    private static final int N = 624;
    private static final int M = 397;
    private static final int HIGH = 0x80000000;
    private static final int POOL = 21; // up to so many, CPython draws from a list

    private final int[] state = new int[N];
    private int next = N;

    /// @param seed at least 0
    PythonRandom(int seed) {
        fill(19650218);
        int at = 1;
        for (int k = 0; k < N; k++) {
            state[at] = (state[at] ^ mixed(at) * 1664525) + seed;
            at = following(at);
        }
        for (int k = 0; k < N - 1; k++) {
            state[at] = (state[at] ^ mixed(at) * 1566083941) - at;
            at = following(at);
        }
        state[0] = HIGH;
    }

    private void fill(int seed) {
        state[0] = seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
        }
    }

    private int mixed(int at) {
        return state[at - 1] ^ state[at - 1] >>> 30;
    }

    private int following(int at) {
        if (at + 1 < N) {
            return at + 1;
        }
        state[0] = state[N - 1];
        return 1;
    }

    private int bits() {
        if (next == N) {
            for (int i = 0; i < N; i++) {
                int y = state[i] & HIGH | state[(i + 1) % N] & ~HIGH;
                state[i] = state[(i + M) % N] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
            }
            next = 0;
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9d2c5680;
        y ^= y << 15 & 0xefc60000;
        return y ^ y >>> 18;
    }

    private int below(int bound) {
        int width = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
        int drawn;
        do {
            drawn = bits() >>> Integer.SIZE - width;
        } while (drawn >= bound);
        return drawn;
    }

    /// Different places of `[0, population)`, in the order they were drawn.
    int[] sample(int population, int count) {
        int most = count > 5 ? POOL + (int) Math.pow(4, Math.ceil(Math.log(count * 3.0) / Math.log(4))) : POOL;
        if (population > most) {
            var drawn = new LinkedHashSet<Integer>();
            while (drawn.size() < count) {
                drawn.add(below(population));
            }
            return drawn.stream().mapToInt(i -> i).toArray();
        }
        int[] pool = IntStream.range(0, population).toArray();
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++) {
            int place = below(population - i);
            drawn[i] = pool[place];
            pool[place] = pool[population - i - 1];
        }
        return drawn;
    }
}
