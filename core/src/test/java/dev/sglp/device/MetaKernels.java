package dev.sglp.device;

import dev.sglp.tensor.Scope;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.CppSignatureOptional;
import org.bytedeco.pytorch.DispatchKeyOptional;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.KernelFunction;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.RegistrationHandleRAII;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.*;
import java.util.*;
import java.util.stream.*;
import dev.sglp.tensor.Tensors;
import org.bytedeco.pytorch.global.torch.DispatchKey;

/// What libtorch's meta device lacks without Python: some operators' shapes, and numbers to read. An operator of this list runs on the
/// processor, on tensors of ones (integers: zeros) of the shapes it is given; its results' shapes are the meta device's. So a whole run goes
/// on behind a number that is read: it is 1, an integer 0.
final class MetaKernels {
    private static final List<String> MISSING = List.of("index_select", "convolution_overrideable", "nonzero", "copy_",
            "_local_scalar_dense", "native_batch_norm", "_adaptive_avg_pool2d", "convolution_backward_overrideable",
            "native_batch_norm_backward", "index_copy_", "masked_fill_.Scalar", "index_fill_.int_Scalar",
            "repeat_interleave.Tensor", "equal", "unfold", "roll", "flip", "bincount", "masked_select", "_unique2", "where.self", "where.self_out");
    /// Whether this thread is inside such an operator.
    private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);
    private static final List<RegistrationHandleRAII> KEPT = new ArrayList<>(); // they end with their handles
    private static final long BOXED = 8; // where a kernel function keeps its address, behind an empty functor

    private MetaKernels() {}

    static boolean inside() {
        return INSIDE.get();
    }

    /// Puts them in place, once.
    static synchronized void install() {
        if (!KEPT.isEmpty()) {
            return;
        }
        var address = address();
        for (var name : MISSING) {
            var parts = (name + ".").split("\\.", -1);
            var kernel = new KernelFunction();
            MemorySegment.ofAddress(kernel.address()).reinterpret(BOXED + 8).set(ValueLayout.ADDRESS, BOXED, address);
            var schema = Dispatcher.singleton().findSchemaOrThrow("aten::" + parts[0], parts[1]).schema()
                    .cloneWithRealTypes(false);
            schema.deallocate(false); // libtorch takes it over
            KEPT.add(Dispatcher.singleton().registerImpl(new OperatorName("aten::" + parts[0], parts[1]),
                    new DispatchKeyOptional(DispatchKey.Meta), kernel, new CppSignatureOptional(),
                    new FunctionSchema(new At(MemorySegment.ofAddress(schema.address()))), "sglp"));
        }
    }

    private static MemorySegment address() {
        try {
            var run = MethodHandles.lookup().findStatic(MetaKernels.class, "run", MethodType.methodType(void.class,
                    MemorySegment.class, MemorySegment.class, long.class, MemorySegment.class));
            return Linker.nativeLinker().upcallStub(run, FunctionDescriptor.ofVoid(ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS), Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class At extends Pointer {
        At(MemorySegment segment) {
            address = segment.address();
        }
    }

    /// Called by libtorch: nothing may be thrown into it.
    private static void run(MemorySegment functor, MemorySegment operator, long keys, MemorySegment stack) {
        INSIDE.set(true);
        try (var _ = Scope.open()) {
            onProcessor(new OperatorHandle(new At(operator)), new IValueVector(new At(stack)));
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        } finally {
            INSIDE.set(false);
        }
    }

    private static void onProcessor(OperatorHandle operator, IValueVector stack) {
        if (System.getProperty("trace") != null)
            System.err.println(operator.operator_name().name().getString() + " " + stack.size());
        String name = operator.operator_name().name().getString();
        int count = (int) stack.size();
        var given = IntStream.range(0, count).mapToObj(i -> new IValue(stack.get(stack.size() - count + i))).toList();
        var blank = new HashMap<Long, IValue>(); // what stands for which
        var own = new IValueVector(
                given.stream().map(value -> value.isTensor() ? blank(value, blank) : value).toArray(IValue[]::new));
        if (name.equals("aten::copy_")) {
            copied(given.getFirst().toTensor());
            stack.resize(stack.size() - count + 1); // the first is the result
            return;
        }
        instead(name, own).callBoxed(own);
        if (System.getProperty("trace") != null)
            System.err.println("ran");
        stack.resize(stack.size() - count);
        for (long i = 0; i < own.size(); i++) {
            var value = new IValue(own.get(i));
            stack.push_back(!value.isTensor()
                    ? value
                    : blank.getOrDefault(Tensors.identity(value.toTensor()), meta(value.toTensor())));
        }
    }

    /// What is copied from there to the processor.
    private static void copied(Tensor to) {
        if (to.is_cpu()) {
            to.detach().fill_(new Scalar(to.is_floating_point() ? 1 : 0));
        }
    }

    private static OperatorHandle instead(String name, IValueVector own) {
        return Dispatcher.singleton().findSchemaOrThrow(switch (name) {
            case "aten::convolution_overrideable" -> "aten::convolution";
            default -> name;
        }, "");
    }

    private static IValue meta(Tensor tensor) {
        return new IValue(tensor.meta());
    }

    private static IValue blank(IValue value, Map<Long, IValue> blank) {
        var tensor = value.toTensor();
        if (!tensor.defined()) {
            return value;
        }
        var ones = tensor.is_floating_point() || tensor.scalar_type().intern() == ScalarType.Bool ? 1 : 0;
        var own = torch.full_like(tensor.detach(), new Scalar(ones), new ScalarTypeOptional(), new LayoutOptional(),
                new DeviceOptional(new Device("cpu")), new BoolOptional(), new MemoryFormatOptional());
        blank.put(Tensors.identity(own), value);
        return new IValue(own);
    }
}
