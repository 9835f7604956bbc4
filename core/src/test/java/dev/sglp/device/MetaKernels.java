package dev.sglp.device;

import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.CppSignatureOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.DispatchKeyOptional;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.KernelFunction;
import org.bytedeco.pytorch.LayoutOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.RegistrationHandleRAII;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DispatchKey;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What libtorch's meta device lacks without Python: the shapes of some operators' results, and numbers to read. Such an operator runs
/// on the processor, on ones (integers: zeros) shaped as what it is given; its results' shapes are the meta device's. What is read is 1, an
/// integer 0, so that a run goes on behind it.
final class MetaKernels {
    /// Operators that libtorch has for the meta device only to say that they are not there, or that nothing can be read.
    private static final List<String> REFUSING = List.of("copy_", "convolution_overrideable",
            "convolution_backward_overrideable");
    private static final List<DispatchKey> THERE = List.of(DispatchKey.Meta, DispatchKey.CompositeImplicitAutograd,
            DispatchKey.CompositeExplicitAutograd, DispatchKey.CompositeExplicitAutogradNonFunctional);
    /// Read: from there to the processor.
    private static final String COPY = "aten::copy_";
    /// Of a sparse tensor, whose rows might all be different.
    private static final String COALESCE = "aten::_coalesce";
    /// Of a dense tensor and a sparse one.
    private static final String ADD = "aten::add_";
    /// Java's list of the keys has another number: quantized and sparse ones follow, as many of each as there are dense ones.
    private static final short SPARSE_META = (short) (DispatchKey.Meta.value
            + 2 * (DispatchKey.Meta.value - DispatchKey.StartOfDenseBackends.value + 1));
    private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);
    private static final List<RegistrationHandleRAII> KEPT = new ArrayList<>(); // they end with their handles
    private static final long ADDRESS = 8; // where libtorch's kernel function has its address, behind an empty functor

    private MetaKernels() {}

    /// Whether this thread is inside such an operator.
    static boolean inside() {
        return INSIDE.get();
    }

    /// Puts them in place, once and for the whole process: none but the meta device is touched.
    static synchronized void install() {
        if (!KEPT.isEmpty()) {
            return;
        }
        var address = Upcall.of(MetaKernels.class, "run", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS,
                ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        REFUSING.forEach(name -> put("aten::" + name, "", DispatchKey.Meta.value, address));
        put(COALESCE, "", SPARSE_META, address);
        put(ADD, "Tensor", SPARSE_META, address);
        var all = torch.getAllOperators();
        for (long i = 0; i < all.size(); i++) {
            var schema = all.get(i).schema();
            var name = schema.name().getString();
            var overload = Optional.ofNullable(schema.overload_name()).map(BytePointer::getString).orElse("");
            if (name.startsWith("aten::") && lacking(name, overload)) {
                put(name, overload, DispatchKey.Meta.value, address);
            }
        }
    }

    private static boolean lacking(String name, String overload) {
        var found = Dispatcher.singleton().findSchema(new OperatorName(name, overload));
        return found.has_value() && found.get().hasKernelForDispatchKey(DispatchKey.CPU)
                && THERE.stream().noneMatch(found.get()::hasKernelForDispatchKey);
    }

    @SuppressWarnings("restricted") // tests run with native access
    private static void put(String name, String overload, short key, MemorySegment address) {
        var kernel = new KernelFunction();
        MemorySegment.ofAddress(kernel.address()).reinterpret(ADDRESS + 8).set(ValueLayout.ADDRESS, ADDRESS, address);
        var where = new DispatchKeyOptional(DispatchKey.Meta);
        MemorySegment.ofAddress(where.address()).reinterpret(Short.BYTES).set(ValueLayout.JAVA_SHORT, 0, key);
        var schema = operator(name, overload).schema().cloneWithRealTypes(false);
        schema.deallocate(false); // libtorch takes it over
        KEPT.add(Dispatcher.singleton().registerImpl(new OperatorName(name, overload),
                where, kernel, new CppSignatureOptional(),
                new FunctionSchema(new Upcall.At(schema.address())), "without numbers"));
    }

    private static OperatorHandle operator(String name, String overload) {
        return Dispatcher.singleton().findSchemaOrThrow(name, overload);
    }

    /// Called by libtorch.
    @SuppressWarnings("unused")
    private static void run(MemorySegment functor, MemorySegment operator, long keys, MemorySegment stack) {
        Upcall.guarded(() -> {
            INSIDE.set(true);
            try (var _ = Scope.open()) {
                onProcessor(new OperatorHandle(new Upcall.At(operator.address())),
                        new IValueVector(new Upcall.At(stack.address())));
            } finally {
                INSIDE.set(false);
            }
        });
    }

    private static void onProcessor(OperatorHandle operator, IValueVector stack) {
        var name = operator.operator_name().name().getString();
        var given = IntStream.range(0, (int) stack.size()).mapToObj(i -> new IValue(stack.get(i))).toList();
        var first = given.getFirst();
        switch (name) {
            case COPY -> copied(first.toTensor());
            case COALESCE -> first.toTensor()._coalesced_(true);
            case ADD -> {
            }
            default -> {
                elsewhere(operator, given, stack);
                return;
            }
        }
        stack.resize(1); // the first is the result
    }

    private static void elsewhere(OperatorHandle operator, List<IValue> given, IValueVector stack) {
        var name = operator.operator_name().name().getString();
        var known = new HashMap<Long, IValue>(); // what stands for which
        var own = new IValueVector(given.stream().map(value -> blank(value, known)).toArray(IValue[]::new));
        switch (name) {
            case "aten::convolution_overrideable" -> operator("aten::convolution", "").callBoxed(own);
            case "aten::convolution_backward_overrideable" -> {
                own.insert(own.begin().increment().increment().increment(), new IValue()); // the bias's size, where one is asked for
                operator("aten::convolution_backward", "").callBoxed(own);
            }
            default -> operator.callBoxed(own);
        }
        stack.resize(0);
        for (long i = 0; i < own.size(); i++) {
            stack.push_back(there(new IValue(own.get(i)), known));
        }
    }

    private static void copied(Tensor to) {
        if (to.is_cpu()) {
            to.detach().fill_(new Scalar(to.is_floating_point() ? 1 : 0));
        }
    }

    private static IValue there(IValue value, Map<Long, IValue> known) {
        if (!value.isTensor() || !value.toTensor().defined()) {
            return value;
        }
        var before = known.get(Tensors.identity(value.toTensor()));
        if (before == null) {
            return new IValue(value.toTensor().meta());
        }
        before.toTensor().resize_(value.toTensor().shape()); // where results go to a tensor that was empty
        return before;
    }

    private static IValue blank(IValue value, Map<Long, IValue> known) {
        if (!value.isTensor() || !value.toTensor().defined() || value.toTensor().is_cpu()) {
            return value;
        }
        var tensor = value.toTensor();
        boolean one = tensor.is_floating_point() || tensor.scalar_type().intern() == ScalarType.Bool;
        var own = torch.full_like(tensor.detach(), new Scalar(one ? 1 : 0), new ScalarTypeOptional(),
                new LayoutOptional(), new DeviceOptional(new Device("cpu")), new BoolOptional(),
                new MemoryFormatOptional());
        known.put(Tensors.identity(own), value);
        return new IValue(own);
    }
}
