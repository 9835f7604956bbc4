package dev.sglp.tensor;

import java.util.Optional;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongList;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DispatchKey;

/// An operator of libtorch that has no function in Java, called by its name as TorchScript calls it.
public final class NamedOperator {
    private final OperatorHandle handle;

    private NamedOperator(OperatorHandle handle) {
        this.handle = handle;
    }

    /// The operator, where this libtorch has it for the processor.
    ///
    /// @param name     with its namespace, as `mkldnn::_convolution_pointwise`
    /// @param overload empty for the only one
    public static Optional<NamedOperator> find(String name, String overload) {
        try (var _ = Scope.open()) {
            var found = Dispatcher.singleton().findSchema(new OperatorName(name, overload));
            return found.has_value() && found.get().hasKernelForDispatchKey(DispatchKey.CPU)
                    ? Optional.of(new NamedOperator(Scope.own(new OperatorHandle(found.get()))))
                    : Optional.empty();
        }
    }

    /// The operator's first result, in the current scope.
    ///
    /// @param arguments all of them, in the order of its schema
    public Tensor call(IValue... arguments) {
        var stack = new IValueVector(arguments);
        handle.callBoxed(stack);
        return new Tensor(stack.get(0).toTensor()); // the stack's own dies with it
    }

    /// An empty list for the argument at this place, of the type that its schema says.
    public IValue nothing(int argument) {
        var list = handle.schema().arguments().getPointer(argument).type().get();
        return new IValue(new GenericList(list.containedType(0)));
    }

    public static IValue integers(long... values) {
        return new IValue(new GenericList(new LongList(values)));
    }
}
