package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Holds the table of rooms true, and the rules of size and naming.
final class LayersTest {
    /// What each room may name. `root` is the package `dev.sglp` itself; a package below a room belongs to it. `output`,
    /// `pickle`, `progress` and `zip` stand alone, and so does `fault`, which every room may name.
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(room("fault"), room("pickle"),
            room("preparation"),
            room("progress"),
            room("zip"), room("output"),
            room("tensor"), room("checkpoint", "output", "pickle", "tensor", "zip"),
            room("data", "output", "pickle", "preparation", "progress", "tensor", "zip"),
            room("model", "tensor"), room("family", "checkpoint", "model", "preparation", "tensor"),
            room("similarity", "data", "model", "progress", "tensor"), room("segmentation", "similarity"),
            room("importance", "data", "model", "progress", "segmentation", "tensor"),
            room("evaluation", "data", "generation", "model", "output", "progress", "tensor"),
            room("generation", "model", "tensor"),
            room("repair", "data", "model", "progress", "tensor", "training"), room("pruning", "model", "segmentation"),
            room("method", "data", "evaluation", "importance", "model", "progress", "pruning", "repair", "segmentation",
                    "similarity", "tensor"),
            room("surgery", "checkpoint", "evaluation", "family", "model", "output", "pruning", "tensor"),
            room("training", "data", "evaluation", "model", "progress", "tensor"),
            room("report", "evaluation", "model", "output", "pruning", "segmentation", "similarity", "training"),
            room("root", "checkpoint", "data", "evaluation", "family", "importance", "ledger", "method", "model",
                    "pickle",
                    "progress", "pruning", "repair", "report", "segmentation", "similarity", "surgery", "tensor",
                    "training"),
            room("ledger", "checkpoint", "data", "importance", "model", "output", "progress", "report", "segmentation",
                    "tensor"),
            room("study", "checkpoint", "data", "evaluation", "family", "importance", "ledger", "method", "repair",
                    "model",
                    "progress",
                    "pruning", "report", "root", "segmentation", "similarity", "tensor", "training"),
            room("demo", "checkpoint", "data", "evaluation", "family", "model", "output", "preparation", "progress",
                    "repair",
                    "report",
                    "surgery",
                    "tensor", "training"),
            room("cli", "checkpoint", "data", "demo", "evaluation", "family", "generation", "importance", "ledger",
                    "method", "model",
                    "output",
                    "pickle", "preparation", "progress", "pruning", "repair", "report", "root", "segmentation",
                    "similarity", "study",
                    "surgery",
                    "tensor", "training"));

    /// Rooms of plain numbers: they never touch libtorch.
    private static final Set<String> WITHOUT_LIBTORCH = Set.of("fault", "output", "pickle", "preparation", "progress",
            "pruning",
            "report",
            "segmentation", "zip");

    private static final int MOST_FILES = 15;
    private static final int MOST_LINES = 400;
    private static final int MOST_METHOD_LINES = 40;

    private final List<CompiledClass> classes = CompiledClass.all();

    private static Map.Entry<String, Set<String>> room(String name, String... others) {
        return Map.entry(name, Set.of(others));
    }

    @Test
    void everyRoomIsInTheTable() {
        assertThat(classes.stream().map(CompiledClass::room).collect(Collectors.toSet()))
                .isEqualTo(MAY_IMPORT.keySet());
    }

    @Test
    void aRoomNamesOnlyTheRoomsItMay() {
        var broken = new TreeMap<String, Set<String>>();
        for (var c : classes) {
            var others = rooms(c);
            others.removeAll(MAY_IMPORT.get(c.room()));
            others.remove("fault");
            if (!others.isEmpty()) {
                broken.put(c.name(), others);
            }
        }
        assertThat(broken).isEmpty();
        assertThat(classes).as("the test sees what is named").anyMatch(c -> rooms(c).contains("root"));
    }

    private static Set<String> rooms(CompiledClass c) {
        return c.names().stream().filter(n -> n.startsWith("dev/sglp/")).map(CompiledClass::room)
                .filter(r -> !r.equals(c.room())).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theTableHasNoCircle() {
        var left = new TreeMap<>(MAY_IMPORT);
        while (left.entrySet().removeIf(e -> e.getValue().stream().noneMatch(left::containsKey))) {
            continue;
        }
        assertThat(left).isEmpty();
    }

    @Test
    void roomsOfPlainNumbersNeverTouchLibtorch() {
        assertThat(named(c -> WITHOUT_LIBTORCH.contains(c.room())
                && c.names().stream().anyMatch(n -> n.startsWith("org/bytedeco")))).isEmpty();
        assertThat(named(c -> c.room().equals("model")
                && c.names().stream().anyMatch(n -> n.startsWith("org/bytedeco")))).isNotEmpty();
    }

    @Test
    void theReportSeesOfOtherRoomsOnlyRecords() {
        var records = classes.stream().filter(CompiledClass::isRecord).map(CompiledClass::name)
                .collect(Collectors.toSet());
        var others = classes.stream().filter(c -> c.room().equals("report")).flatMap(c -> c.names().stream())
                .filter(n -> n.startsWith("dev/sglp/") && !n.startsWith("dev/sglp/report")
                        && !n.startsWith("dev/sglp/output"));
        assertThat(others).isNotEmpty().allMatch(records::contains);
    }

    @Test
    void nativeMemoryIsScopedInOnePlace() {
        assertThat(named(c -> c.names().contains("org/bytedeco/javacpp/PointerScope")))
                .containsExactly("dev/sglp/tensor/Scope");
    }

    /// What is made beside a tensor is made where it lies: `Device.of(tensor)` or a network's own; else it would lie on the processor.
    @Test
    void tensorsAreMadeWhereADeviceSays() {
        var rooms = Set.of("tensor", "data", "checkpoint"); // Java's numbers, files
        var processor = Set.of("dev/sglp/surgery/Proof", // inputs of a proof, which are written
                "dev/sglp/method/stream/SpectralClusters", // a few numbers of Java's
                "dev/sglp/training/gradient/LowRank", // moved at once
                "dev/sglp/cli/teacher/AnswersFile", // a file
                "dev/sglp/ledger/KeptStates$Open", // a file
                "dev/sglp/family/convolution/ConvolutionFamily"); // shapes alone
        var makers = List.of("zeros", "ones", "full", "empty", "arange", "linspace", "eye", "rand", "randn", "tensor",
                "from_blob", "floats", "doubles", "longs", "over");
        assertThat(named(c -> !rooms.contains(c.room()) && makers.stream().anyMatch(
                maker -> c.uses("org/bytedeco/pytorch/global/torch", maker)
                        || c.uses("dev/sglp/tensor/Tensors", maker))))
                .containsExactlyInAnyOrderElementsOf(processor);
    }

    @Test
    void onlyMainExits() {
        assertThat(named(c -> c.uses("java/lang/System", "exit") || c.uses("java/lang/Runtime", "exit")
                || c.uses("java/lang/Runtime", "halt"))).containsExactly("dev/sglp/cli/Main");
    }

    @Test
    void onlyTheCommandLinePrints() {
        assertThat(named(c -> c.uses("java/lang/System", "out") || c.uses("java/lang/System", "err")))
                .containsOnly("dev/sglp/cli/Main", "dev/sglp/cli/TerminalProgress$Bar");
    }

    @Test
    void aClassIsAnInterfaceOrCannotBeExtended() {
        assertThat(named(CompiledClass::canBeExtended)).isEmpty();
    }

    @Test
    void namesSayWhatAClassIs() {
        assertThat(named(c -> c.simpleName().matches(".*(Utils?|Helpers?|Manager|Base|Impl)(\\$.*)?"))).isEmpty();
    }

    private List<String> named(Predicate<CompiledClass> rule) {
        return classes.stream().filter(rule).map(CompiledClass::name).toList();
    }

    @Test
    void noMethodIsLong() {
        var longOnes = classes.stream().flatMap(c -> c.methods().stream().map(m -> "%d lines: %s.%s"
                .formatted(CompiledClass.lines(m), c.simpleName(), m.methodName().stringValue())))
                .filter(text -> Integer.parseInt(text.substring(0, text.indexOf(' '))) > MOST_METHOD_LINES);
        assertThat(longOnes).isEmpty();
    }

    @Test
    void noPackageAndNoFileIsLarge() throws IOException {
        for (var root : List.of("src/main/java", "src/test/java")) {
            try (var found = Files.walk(Path.of(root))) {
                var files = found.filter(f -> f.toString().endsWith(".java")).toList();
                assertThat(files.stream().collect(Collectors.groupingBy(Path::getParent, Collectors.counting())))
                        .isNotEmpty().allSatisfy((folder, count) -> assertThat(count).as("files of %s", folder)
                                .isLessThanOrEqualTo(MOST_FILES));
                for (var file : files) {
                    assertThat(Files.readAllLines(file)).as("lines of %s", file).hasSizeLessThanOrEqualTo(MOST_LINES);
                }
            }
        }
    }
}
