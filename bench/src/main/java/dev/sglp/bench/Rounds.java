package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Both sides in turn, one round each, so that whatever else the machine does meets both alike.
///
/// @param ours   a round of sglp
/// @param theirs PyTorch; absent where sglp is timed alone
record Rounds<T>(Supplier<T> ours, @Nullable PyTorch theirs) {
    private static final com.sun.management.OperatingSystemMXBean SYSTEM = (com.sun.management.OperatingSystemMXBean) ManagementFactory
            .getOperatingSystemMXBean();

    /// @param wall seconds by the clock
    /// @param cpu  processor seconds, all threads
    record Time(double wall, double cpu) {}

    /// @param found   what the last round of sglp gave
    /// @param answer  what the last round of PyTorch gave
    /// @param ratio   how many times as fast sglp is: median over the rounds of PyTorch's seconds / sglp's, by the clock
    /// @param cpuRatio the same by processor time
    record Result<T>(T found, @Nullable JsonNode answer, List<Time> ours, List<Time> theirs, Spread ratio,
            @JsonProperty("cpu_ratio") Spread cpuRatio) {
        Spread seconds() {
            return Spread.of(ours.stream().map(Time::wall).toList());
        }

        /// Prints how sglp compares; nothing where it was timed alone.
        ///
        /// @param dtype      what PyTorch computed in
        /// @param candidates scored a round
        /// @param apart      largest relative difference of a score
        void sayCompared(String dtype, int candidates, double apart) {
            if (!theirs.isEmpty()) {
                Bench.say("PyTorch, %s: %s candidates/s", dtype,
                        Spread.of(theirs.stream().map(Time::wall).toList()).rate(candidates));
                Bench.say("sglp is %s times as fast by the clock, %s by processor time; scores at most %.1e apart",
                        ratio, cpuRatio, apart);
            }
        }
    }

    /// One round of each to warm up, then `rounds` that count; who goes first changes.
    Result<T> run(int rounds) throws IOException {
        var mine = new ArrayList<Time>();
        var other = new ArrayList<Time>();
        T found = ours.get();
        var answer = theirs == null ? null : theirs.round();
        for (int i = 0; i < rounds; i++) {
            if (i % 2 == 1 && theirs != null) {
                answer = theirs.round();
                other.add(time(answer));
            }
            double cpu = SYSTEM.getProcessCpuTime() / 1e9;
            long start = System.nanoTime();
            found = ours.get();
            mine.add(new Time((System.nanoTime() - start) / 1e9, SYSTEM.getProcessCpuTime() / 1e9 - cpu));
            if (i % 2 == 0 && theirs != null) {
                answer = theirs.round();
                other.add(time(answer));
            }
        }
        return new Result<>(found, answer, mine, other, ratio(mine, other, false), ratio(mine, other, true));
    }

    private static Time time(JsonNode answer) {
        return new Time(answer.get("seconds").asDouble(), answer.get("cpu_seconds").asDouble());
    }

    private static Spread ratio(List<Time> ours, List<Time> theirs, boolean cpu) {
        var ratios = new ArrayList<Double>();
        for (int i = 0; i < theirs.size(); i++) {
            ratios.add(cpu ? theirs.get(i).cpu / ours.get(i).cpu : theirs.get(i).wall / ours.get(i).wall);
        }
        return Spread.of(ratios);
    }
}
