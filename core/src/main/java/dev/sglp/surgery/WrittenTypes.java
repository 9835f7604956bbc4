package dev.sglp.surgery;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.Conversion;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/// The element types of the tensors that are written. One whose numbers the wanted type does not hold keeps the type of the file that
/// is read, or becomes float32.
///
/// @param given what is read
/// @param types of each tensor that is written, by its name in the file that is read
/// @param wider what could not be written as it was wanted, by the same names
public record WrittenTypes(Checkpoint given, SequencedMap<String, DType> types, SequencedMap<String, Wider> wider) {
    private static final int MOST_NAMES = 3;

    public WrittenTypes {
        types = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(types));
        wider = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(wider));
    }

    /// A tensor whose wanted type does not hold its numbers.
    record Wider(double largest, DType wanted) {}

    /// Finds the largest magnitude of a tensor; NaN where one is no number.
    private interface Largest {
        double of(TensorInfo info) throws IOException;
    }

    /// Of tensors that are written as the file has them, or converted on the way; each is looked at in pieces.
    ///
    /// @throws IOException where one that is converted holds something that is no finite number
    public static WrittenTypes of(ModelFile file, LayerSet removed, WriteAs as) throws IOException {
        return of(file, removed, as, stored(file), _ -> false);
    }

    /// The same but for tensors in whose place others stand.
    ///
    /// @param weights that have them
    public static WrittenTypes replaced(ModelFile file, Weights weights, LayerSet removed, WriteAs as)
            throws IOException {
        var stored = stored(file);
        return of(file, removed, as, info -> weights.replaced().contains(info.name())
                ? Tensors.largest(weights.get(info.name()))
                : stored.of(info), weights.replaced()::contains);
    }

    private static Largest stored(ModelFile file) {
        return info -> {
            var same = new Conversion(info.dtype(), info.dtype());
            double[] largest = {0};
            file.checkpoint().stream(info.name(), piece -> largest[0] = Math.max(largest[0], same.largest(piece)));
            return largest[0];
        };
    }

    /// Of tensors in memory, which may have been changed.
    public static WrittenTypes of(ModelFile file, Weights weights, LayerSet removed, WriteAs as) throws IOException {
        return of(file, removed, as, info -> Tensors.largest(weights.get(info.name())), _ -> true);
    }

    /// In which element type a tensor would be written that stands in the place of one of the file's.
    static DType of(ModelFile file, WriteAs as, String name, Tensor tensor) {
        var info = file.checkpoint().tensors().get(name);
        if (info == null || !info.dtype().floating()) {
            throw new IllegalArgumentException("'%s' is no tensor of numbers".formatted(name));
        }
        var wanted = as.of(file.checkpoint(), info);
        return held(info, wanted, Tensors.largest(tensor)) ? wanted : otherwise(info, wanted);
    }

    private static boolean held(TensorInfo info, DType wanted, double largest) {
        return !info.dtype().floating() || new Conversion(DType.F64, wanted).holds(largest);
    }

    private static DType otherwise(TensorInfo info, DType wanted) {
        return wanted == info.dtype() ? DType.F32 : info.dtype();
    }

    private static WrittenTypes of(ModelFile file, LayerSet removed, WriteAs as, Largest largest,
            Predicate<String> changed) throws IOException {
        var given = file.checkpoint();
        var types = new LinkedHashMap<String, DType>();
        var wider = new LinkedHashMap<String, Wider>();
        for (var name : file.architecture().renamed(removed).keySet()) {
            var info = given.tensors().get(name);
            if (info == null) {
                continue;
            }
            var wanted = as.of(given, info);
            if (info.dtype().floating() && (wanted != info.dtype() || changed.test(name) && wanted != DType.F32)) {
                double most = finite(given, name, largest.of(info));
                if (!held(info, wanted, most)) {
                    wider.put(name, new Wider(most, wanted));
                    wanted = otherwise(info, wanted);
                }
            }
            types.put(name, wanted);
        }
        return new WrittenTypes(given, types, wider);
    }

    private static double finite(Checkpoint given, String name, double largest) throws IOException {
        if (largest <= Double.MAX_VALUE) {
            return largest;
        }
        throw new IOException(
                "[%s] tensor '%s' holds values that are not finite numbers (NaN or infinity). Maybe the training diverged, or the file is damaged"
                        .formatted(given.path(), name));
    }

    /// A tensor's header in the file that is written, by its name in the one that is read.
    TensorInfo info(String name) {
        return given.tensors().get(name).as(types.get(name));
    }

    /// The tensors whose numbers become others when a file's are written.
    SequencedMap<String, DType> rounded() {
        var rounded = shorter();
        rounded.entrySet().removeIf(e -> e.getValue() == given.tensors().get(e.getKey()).dtype());
        return rounded;
    }

    /// The tensors that are written in fewer bits than networks have in memory.
    SequencedMap<String, DType> shorter() {
        var shorter = new LinkedHashMap<>(types);
        shorter.values().removeIf(type -> type != DType.F16 && type != DType.BF16);
        return shorter;
    }

    /// What most of the floating-point numbers are written as.
    public DType most() {
        return types.entrySet().stream().filter(e -> e.getValue().floating())
                .collect(Collectors.groupingBy(Map.Entry::getValue,
                        Collectors.summingLong(e -> given.tensors().get(e.getKey()).elements())))
                .entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElse(DType.F32);
    }

    /// How many tensors have which type, by PyTorch's names, the most first.
    public SequencedMap<String, Integer> counts() {
        var counts = new LinkedHashMap<String, Integer>();
        types.values().stream().collect(Collectors.groupingBy(t -> t, Collectors.summingInt(_ -> 1))).entrySet()
                .stream().sorted(Map.Entry.<DType, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(e -> counts.put(e.getKey().title(), e.getValue()));
        return counts;
    }

    /// The `config.json` of a network, where it says of which type the weights are.
    public SequencedMap<String, Object> in(SequencedMap<String, Object> config) {
        var said = new LinkedHashMap<>(config);
        List.of("dtype", "torch_dtype").forEach(field -> said.computeIfPresent(field, (_, _) -> most().title()));
        return said;
    }

    /// What is written otherwise than it was given, one sentence each.
    public List<String> why() {
        var why = new ArrayList<String>();
        var blocks = types.keySet().stream().filter(n -> given.blocks(n).isPresent()).toList();
        if (!blocks.isEmpty()) {
            var kinds = blocks.stream().flatMap(n -> given.blocks(n).stream())
                    .collect(Collectors.toCollection(TreeSet::new));
            why.add("The file given holds %d tensors in blocks of few bits (%s), which safetensors has not: they are written as %s."
                    .formatted(blocks.size(), String.join(", ", kinds), words(blocks)));
        }
        var plain = types.keySet().stream().filter(n -> given.blocks(n).isEmpty())
                .filter(n -> types.get(n) != given.tensors().get(n).dtype()).toList();
        if (!plain.isEmpty()) {
            why.add("%d tensor%s that %s in the file given %s written as %s.".formatted(plain.size(),
                    plain.size() == 1 ? "" : "s", (plain.size() == 1 ? "is " : "are ") + before(plain),
                    plain.size() == 1 ? "is" : "are", words(plain)));
        }
        if (!wider.isEmpty()) {
            why.add(beyond());
        }
        return List.copyOf(why);
    }

    private String words(List<String> names) {
        return names.stream().map(n -> types.get(n).title()).distinct().sorted().collect(Collectors.joining(" and "));
    }

    private String before(List<String> names) {
        return names.stream().map(n -> given.tensors().get(n).dtype().title()).distinct().sorted()
                .collect(Collectors.joining(" and "));
    }

    private String beyond() {
        var named = wider.entrySet().stream().limit(MOST_NAMES)
                .map(e -> String.format(Locale.ROOT, "'%s' (up to %.6g; %s ends at %.6g; written as %s)", e.getKey(),
                        e.getValue().largest, e.getValue().wanted.title(), e.getValue().wanted.largest(),
                        types.get(e.getKey()).title()))
                .collect(Collectors.joining(", "));
        return "Beyond what the wanted type holds: %s%s.".formatted(named,
                wider.size() > MOST_NAMES ? " and %d more tensors".formatted(wider.size() - MOST_NAMES) : "");
    }
}
