package dev.sglp.device;

import dev.sglp.tensor.Scope;
import java.lang.StackWalker.StackFrame;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.RecordFunction;
import org.bytedeco.pytorch.global.torch;

/// Told by libtorch of every operator that has run, on any thread, while it listens: keeps those that gave a tensor on the processor, with
/// the place in the product that they were called from.
final class MadeOnProcessor implements AutoCloseable {
    private static final long CALLBACK = 40; // a start, an end, a probability, ten scopes, three wishes
    private static final long END = 8;
    private static final long PROBABILITY = 16;
    private static final long SCOPES = 24;
    private static final long OUTPUTS_WISHED = SCOPES + 10 + 1;
    private static final String PRODUCT = "dev.sglp.";
    /// Where Java's numbers become tensors, and back.
    private static final List<String> DOORS = List.of("dev.sglp.tensor.", "dev.sglp.data.", "dev.sglp.checkpoint.");
    private static final Set<String> READING = Set.of("toDoubles", "bytes");
    private static final TreeMap<String, String> FOUND = new TreeMap<>(); // by operator and place: a shape
    private static final ThreadLocal<Record> RECORD = ThreadLocal.withInitial(Record::lasting);
    private static boolean installed;
    private static volatile boolean listening;

    private MadeOnProcessor() {}

    /// What libtorch tells of: its Java class has no constructor for one that is there.
    private static final class Record extends RecordFunction {
        static Record lasting() {
            return Scope.yieldOwned(Record::new);
        }

        Record at(MemorySegment segment) {
            address = segment.address();
            return this;
        }
    }

    /// Listens until it is closed.
    static synchronized MadeOnProcessor listen() {
        if (!installed) {
            var callback = Arena.global().allocate(CALLBACK, 8);
            callback.set(ValueLayout.ADDRESS, END, Upcall.of(MadeOnProcessor.class, "told",
                    FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS)));
            callback.set(ValueLayout.JAVA_DOUBLE, PROBABILITY, 1.0);
            callback.asSlice(SCOPES, 10).fill((byte) 1);
            callback.set(ValueLayout.JAVA_BYTE, OUTPUTS_WISHED, (byte) 1);
            torch.addGlobalCallback(new Upcall.At(callback.address()));
            installed = true;
        }
        listening = true;
        return new MadeOnProcessor();
    }

    /// Called by libtorch.
    @SuppressWarnings("unused")
    private static void told(MemorySegment function, MemorySegment context) {
        if (listening && !MetaKernels.inside()) {
            Upcall.guarded(() -> look(function));
        }
    }

    private static void look(MemorySegment function) {
        try (var _ = new PointerScope()) {
            var record = RECORD.get().at(function);
            var outputs = record.outputs();
            for (long i = 0; i < outputs.size(); i++) {
                var value = outputs.get(i);
                if (value.isTensor() && value.unsafeToTensorImpl().is_cpu()) {
                    keep(record.name().getString(), Arrays.toString(new IValue(value).toTensor().shape()));
                }
            }
        }
    }

    private static void keep(String operator, String shape) {
        var all = StackWalker.getInstance().walk(frames -> frames
                .filter(f -> !f.getClassName().startsWith("dev.sglp.device.")).toList());
        var frames = all.stream().filter(f -> f.getClassName().startsWith(PRODUCT)).toList();
        boolean read = frames.stream().anyMatch(f -> READING.contains(f.getMethodName()));
        if (read || !asked(operator, all.stream().map(StackFrame::getMethodName))) {
            return;
        }
        var places = frames.stream().filter(f -> !helper(f)).map(StackFrame::toStackTraceElement).toList();
        if (!places.isEmpty() && DOORS.stream().noneMatch(places.getFirst().getClassName()::startsWith)) {
            synchronized (FOUND) {
                FOUND.putIfAbsent(operator + " at " + places.stream().limit(3).map(StackTraceElement::toString)
                        .collect(Collectors.joining(" < ")), shape);
            }
        }
    }

    /// Whether Java asked for this operator, and not libtorch for another's sake: some work with a few numbers of their own.
    private static boolean asked(String operator, Stream<String> methods) {
        var first = methods.filter(name -> !name.startsWith("lambda$")).findFirst().orElse("");
        return List.of("callBoxed", operator.substring(operator.lastIndexOf(':') + 1)).contains(first);
    }

    /// What stands between a place and the tensor it makes, and is no place itself.
    private static boolean helper(StackFrame frame) {
        return List.of("dev.sglp.tensor.Scope", "dev.sglp.tensor.Autograd", "dev.sglp.tensor.Tensors")
                .contains(frame.getClassName());
    }

    /// What was found since it was asked last.
    static List<String> found() {
        synchronized (FOUND) {
            var all = FOUND.entrySet().stream().map(e -> e.getKey() + ": " + e.getValue()).toList();
            FOUND.clear();
            return all;
        }
    }

    @Override
    public void close() {
        listening = false;
    }
}
