package dev.sglp.family.convolution;

import dev.sglp.family.Architecture.Input;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import dev.sglp.model.convolution.Block;
import dev.sglp.model.convolution.ClassHead;
import dev.sglp.model.convolution.ImageStem;
import dev.sglp.model.convolution.step.Chain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToLongBiFunction;
import org.bytedeco.pytorch.Tensor;

/// A convolutional network told once: everything its forward pass depends on but the numbers.
///
/// @param stem   from an image to the first block
/// @param head   from the last block to the classes
/// @param starts the first block's number, by what stands before it; 0 where it says nothing
public record Blueprint(List<StepSpec> stem, List<BlockSpec> blocks, List<StepSpec> head,
        Map<String, Integer> starts) {
    private static final String COUNTER = ".num_batches_tracked";

    public Blueprint {
        stem = List.copyOf(stem);
        blocks = List.copyOf(blocks);
        head = List.copyOf(head);
        starts = Map.copyOf(starts);
    }

    /// A part in its place.
    ///
    /// @param steps  all of them
    /// @param counts the numbers in its names
    /// @param input  what goes into it
    record Placed(List<StepSpec> steps, Map<String, Integer> counts, Shape input) {
        private String name(StepSpec step) {
            return step.name().map(n -> n.at(counts)).orElse("");
        }

        SequencedMap<String, List<Long>> parameters() {
            var all = new LinkedHashMap<String, List<Long>>();
            steps.forEach(step -> step.parameters().forEach((rest, shape) -> all.put(name(step) + rest, shape)));
            return all;
        }

        /// Everything a checkpoint has of it.
        SequencedMap<String, List<Long>> shapes() {
            var all = new LinkedHashMap<String, List<Long>>();
            for (var step : steps) {
                step.parameters().forEach((rest, shape) -> all.put(name(step) + rest, shape));
                step.buffers().forEach((rest, shape) -> all.put(name(step) + rest, shape));
                if (!step.buffers().isEmpty()) {
                    all.put(name(step) + COUNTER, List.of());
                }
            }
            return all;
        }

        /// Names of the steps that have tensors.
        List<String> names() {
            return steps.stream().filter(step -> step.name().isPresent()).map(this::name).toList();
        }

        Chain on(List<StepSpec> some, Function<String, Tensor> weights) {
            return new Chain(some.stream().map(step -> step.on(name(step), weights)).toList());
        }
    }

    static boolean isCounter(String name) {
        return name.endsWith(COUNTER);
    }

    static Shape through(List<StepSpec> steps, Shape in) {
        var shape = in;
        for (var step : steps) {
            shape = step.output(shape);
        }
        return shape;
    }

    static long macs(List<StepSpec> steps, Shape in) {
        return total(steps, in, StepSpec::macs);
    }

    /// Stem, blocks and head in their places.
    ///
    /// @param image what goes into the stem
    List<Placed> placed(Shape image) {
        var placed = new ArrayList<Placed>();
        var counts = new HashMap<>(starts);
        placed.add(new Placed(stem, Map.copyOf(counts), image));
        var shape = through(stem, image);
        for (var block : blocks) {
            placed.add(new Placed(block.steps(), Map.copyOf(counts), shape));
            counts.merge(block.place().before(), block.place().numbers(), Integer::sum);
            shape = block.output(shape);
        }
        placed.add(new Placed(head, Map.copyOf(counts), shape));
        return placed;
    }

    /// Pixels of the shortest side of all that is made of an image; below 1 where nothing is left of it somewhere.
    long shortestSide(Shape image) {
        var placed = placed(image);
        long least = placed.stream().mapToLong(part -> part.input().shortestSide()).min().orElseThrow();
        var shape = placed.getLast().input();
        for (var step : head) {
            shape = step.output(shape);
            least = Math.min(least, shape.shortestSide());
        }
        return least;
    }

    static long macs(BlockSpec block, Shape in) {
        return macs(block.branch(), in)
                + macs(block.shortcut().steps(), through(block.branch().subList(0, behind(block)), in));
    }

    /// Numbers that a pass over one example makes room for, where none is given back.
    long activations(Shape image) {
        var shape = through(stem, image);
        long all = image.numbers() + activations(stem, image);
        for (var block : blocks) {
            all += activations(block.branch(), shape) + activations(block.shortcut().steps(),
                    through(block.branch().subList(0, behind(block)), shape));
            shape = block.output(shape);
        }
        return all + activations(head, shape);
    }

    private static long activations(List<StepSpec> steps, Shape in) {
        return total(steps, in, StepSpec::activations);
    }

    /// Over the steps, each told what goes into it.
    private static long total(List<StepSpec> steps, Shape in, ToLongBiFunction<StepSpec, Shape> count) {
        long total = 0;
        var shape = in;
        for (var step : steps) {
            total += count.applyAsLong(step, shape);
            shape = step.output(shape);
        }
        return total;
    }

    private static int behind(BlockSpec block) {
        return block.shortcut() instanceof ShortcutSpec.Projection p ? p.behind() : 0;
    }

    /// How many blocks there are with this before their number.
    public int count(String before) {
        return (int) blocks.stream().filter(b -> b.place().before().equals(before)).count();
    }

    /// The same without some blocks.
    public Blueprint without(LayerSet removed) {
        return new Blueprint(stem, removed.others(blocks.size()).stream().map(blocks::get).toList(), head, starts);
    }

    /// The names that remain after a removal: old name → new name, in their order.
    SequencedMap<String, String> renamed(LayerSet removed, Shape image) {
        var before = placed(image);
        var after = without(removed).placed(image);
        var names = new LinkedHashMap<String, String>();
        int next = 0;
        for (int i = 0; i < before.size(); i++) {
            if (i > 0 && i <= blocks.size() && removed.contains(i - 1)) {
                continue;
            }
            var old = List.copyOf(before.get(i).shapes().keySet());
            var now = List.copyOf(after.get(next++).shapes().keySet());
            for (int k = 0; k < old.size(); k++) {
                names.put(old.get(k), now.get(k));
            }
        }
        return names;
    }

    /// The network on these weights.
    LayeredModel on(Function<String, Tensor> weights, String family, Input input) {
        var image = Shape.of(input);
        var placed = placed(image);
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < blocks.size(); i++) {
            var at = placed.get(i + 1);
            var block = blocks.get(i);
            var fixed = block.fixed(at.input());
            layers.add(new Block(block.label().at(at.counts()), at.on(block.branch(), weights),
                    block.shortcut().on(at.on(block.shortcut().steps(), weights)), block.after(),
                    fixed.isEmpty() ? Optional.empty() : Optional.of(fixed), macs(block, at.input())));
        }
        var end = placed.getLast();
        return new LayeredModel(family,
                new ImageStem(placed.getFirst().on(stem, weights), macs(stem, image)), layers,
                new ClassHead(end.on(head, weights), macs(head, end.input())), Objective.crossEntropy(),
                image.line() ? Layout.SIGNALS : Layout.MAPS);
    }
}
