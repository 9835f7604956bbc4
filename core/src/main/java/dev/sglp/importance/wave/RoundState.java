package dev.sglp.importance.wave;

import dev.sglp.model.wave.Resume;
import dev.sglp.model.wave.Waiting;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// How far a way back has come: the norms of each candidate's gradients so far, and the gradient that the next part is to be given.
///
/// @param rank    of the part that went back last
/// @param norms   of each candidate
/// @param heads   of each candidate: the head's tensors, whose norms may still change
/// @param vectors of each candidate, by batch
record RoundState(int rank, List<PartNorms> norms, List<SequencedMap<String, Tensor>> heads,
        Waiting.@Nullable Item[][] vectors) implements Resume.State {
    /// No part is left.
    static final int DONE = -1;

    private static final String RANK = "rank";
    private static final String NORMS = "norms.%d";
    private static final String VECTOR = "vector.%d.%d";

    @Override
    public Map<String, String> words() {
        var words = new HashMap<String, String>();
        words.put(RANK, String.valueOf(rank));
        for (int c = 0; c < norms.size(); c++) {
            words.put(NORMS.formatted(c), norms.get(c).words(heads.get(c)));
        }
        return words;
    }

    @Override
    public List<String> names() {
        var names = new ArrayList<String>();
        for (int c = 0; c < vectors.length && rank != DONE; c++) {
            for (int b = 0; b < vectors[c].length; b++) {
                if (vectors[c][b] != null) {
                    names.add(VECTOR.formatted(c, b));
                }
            }
        }
        return names;
    }

    @Override
    public Tensor read(String name) {
        var parts = name.split("\\.");
        return Objects.requireNonNull(vectors[Integer.parseInt(parts[1])][Integer.parseInt(parts[2])]).get();
    }

    static int rank(Resume.State kept) {
        return Integer.parseInt(word(kept, RANK));
    }

    private static String word(Resume.State kept, String name) {
        return Objects.requireNonNull(kept.words().get(name));
    }

    /// To these norms and vectors what a stopped way has left.
    ///
    /// @param waiting takes the vectors
    void restore(Resume.State kept, Waiting waiting) {
        var names = Set.copyOf(kept.names());
        for (int c = 0; c < vectors.length; c++) {
            norms.get(c).restore(word(kept, NORMS.formatted(c)), heads.get(c));
            for (int b = 0; b < vectors[c].length; b++) {
                var name = VECTOR.formatted(c, b);
                if (names.contains(name)) {
                    vectors[c][b] = waiting.keep(Scope.yieldOwned(() -> kept.read(name).clone()));
                }
            }
        }
    }
}
