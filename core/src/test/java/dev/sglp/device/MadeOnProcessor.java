package dev.sglp.device;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.RecordFunction;
import org.bytedeco.pytorch.global.torch;

/// Told by libtorch of each operator that ran, on any thread, and where in Java it was called from: the tensors that came to lie on the processor.
final class MadeOnProcessor {
    private static final long CALLBACK = 48; // a start, an end, a probability, ten scopes, what is needed
    private static final long SCOPES = 24;
    private static final long NEEDS_OUTPUTS = SCOPES + 10 + 1;
    private static final Map<String, String> FOUND = new LinkedHashMap<>(); // by operator and place: shape
    private static volatile boolean listening;

    private MadeOnProcessor() {}

    private static final class At extends Pointer {
        At(MemorySegment segment) {
            address = segment.address();
        }
    }

    /// What libtorch tells of; its class has no constructor that looks at one that is there.
    private static final class Record extends RecordFunction {
        Record(MemorySegment segment) {
            address = segment.address();
        }
    }

    static synchronized void install() throws ReflectiveOperationException {
        var told = MethodHandles.lookup().findStatic(MadeOnProcessor.class, "told",
                MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class));
        var stub = Linker.nativeLinker().upcallStub(told,
                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS), Arena.global());
        var callback = Arena.global().allocate(CALLBACK, 8);
        callback.set(ValueLayout.ADDRESS, 8, stub);
        callback.set(ValueLayout.JAVA_DOUBLE, 16, 1.0);
        callback.asSlice(SCOPES, 10).fill((byte) 1);
        callback.set(ValueLayout.JAVA_BYTE, NEEDS_OUTPUTS, (byte) 1);
        torch.addGlobalCallback(new At(callback));
    }

    private static void told(MemorySegment function, MemorySegment context) {
        if (!listening || MetaKernels.inside()) {
            return;
        }
        try (var _ = new PointerScope()) {
            var record = new Record(function);
            var outputs = record.outputs();
            for (long i = 0; i < outputs.size(); i++) {
                var value = new IValue(outputs.get(i));
                if (value.isTensor() && value.toTensor().defined() && value.toTensor().is_cpu()) {
                    keep(record.name().getString(), Arrays.toString(value.toTensor().shape()));
                }
            }
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static void keep(String operator, String shape) {
        var places = StackWalker.getInstance().walk(frames -> frames
                .filter(f -> f.getClassName().startsWith("dev.sglp.")
                        && !f.getClassName().startsWith("dev.sglp.device."))
                .map(StackWalker.StackFrame::toStackTraceElement).limit(3).map(StackTraceElement::toString)
                .collect(Collectors.joining(" < ")));
        synchronized (FOUND) {
            FOUND.putIfAbsent(operator + " @ " + places, shape);
        }
    }

    static void listen(boolean on) {
        listening = on;
    }

    static Map<String, String> found() {
        synchronized (FOUND) {
            return new LinkedHashMap<>(FOUND);
        }
    }
}
