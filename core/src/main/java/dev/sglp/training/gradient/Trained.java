package dev.sglp.training.gradient;

import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Part;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/// What of a language model is learned.
///
/// @param tensors what the optimizer changes, by name
/// @param lowRank where they are factors in the place of some matrices
public record Trained(SequencedMap<String, Tensor> tensors, Optional<LowRank> lowRank) {
    /// What is learned of any network.
    public interface Of {
        /// In the current scope.
        Trained network(LayeredModel model);
    }

    /// Every tensor.
    public static Trained full(LayeredModel model) {
        return new Trained(model.parameters(), Optional.empty());
    }

    /// Some layers, the last norm, and the output matrix where it is not the embedding.
    public static Trained partial(LayeredModel model, List<Integer> layers) {
        var parts = new ArrayList<Part>(layers.stream().map(model.layers()::get).toList());
        parts.add(model.head());
        var embedded = model.stem().parameters().values().stream().map(Tensors::identity).collect(Collectors.toSet());
        var all = new LinkedHashMap<String, Tensor>();
        parts.forEach(part -> part.parameters().forEach((name, tensor) -> {
            if (!embedded.contains(Tensors.identity(tensor))) {
                all.put(name, tensor);
            }
        }));
        return new Trained(all, Optional.empty());
    }

    /// Matrices of low rank beside those of the layers.
    ///
    /// @param rank    `r`
    /// @param alpha   α
    /// @param targets ends of modules' names, for instance `q_proj`; none: every matrix of the layers
    public record LowRankOf(int rank, double alpha, List<String> targets, long seed) implements Of {
        public LowRankOf {
            targets = List.copyOf(targets);
        }

        /// @throws UsageException as {@link #check}
        @Override
        public Trained network(LayeredModel model) {
            var matrices = new LinkedHashMap<String, Tensor>();
            model.layers().forEach(layer -> matrices.putAll(layer.parameters()));
            matrices.values().removeIf(tensor -> tensor.dim() != 2);
            var shapes = new LinkedHashMap<String, List<Long>>();
            matrices.forEach((name, tensor) -> shapes.put(name, Tensors.shape(tensor)));
            check(shapes);
            matrices.keySet().removeIf(name -> !asked(name));
            var lowRank = LowRank.of(matrices, rank, alpha, Seed.of(seed));
            return new Trained(lowRank.learned(), Optional.of(lowRank));
        }

        /// Before anything is loaded.
        ///
        /// @param matrices the shapes of all matrices of the layers, by name
        /// @throws UsageException where a target is none of them: names some that are; or where none has so high a rank
        public void check(Map<String, List<Long>> matrices) {
            for (var target : targets) {
                if (matrices.keySet().stream().noneMatch(name -> module(name).endsWith(target))) {
                    throw new UsageException("--lora-target %s is no matrix of the layers. Those are: %s"
                            .formatted(target, matrices.keySet().stream().map(Trained::module)
                                    .map(name -> name.substring(name.lastIndexOf('.') + 1)).distinct().sorted()
                                    .collect(Collectors.joining(", "))));
                }
            }
            long most = matrices.entrySet().stream().filter(matrix -> asked(matrix.getKey()))
                    .mapToLong(matrix -> Collections.min(matrix.getValue())).max().orElse(Long.MAX_VALUE);
            if (rank > most) {
                throw new UsageException(
                        "--lora-rank %d is more than any matrix has that is trained: take at most %d".formatted(rank,
                                most));
            }
        }

        private boolean asked(String name) {
            return targets.isEmpty() || targets.stream().anyMatch(module(name)::endsWith);
        }
    }

    private static String module(String tensor) {
        return tensor.endsWith(".weight") ? tensor.substring(0, tensor.length() - ".weight".length()) : tensor;
    }
}
