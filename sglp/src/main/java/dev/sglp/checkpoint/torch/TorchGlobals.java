package dev.sglp.checkpoint.torch;

import dev.sglp.checkpoint.torch.TorchTensor.Storage;
import dev.sglp.pickle.Globals;
import dev.sglp.pickle.NumpyGlobals;
import dev.sglp.pickle.Tuple;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The names a pickled `state_dict` may use: tensors, storages, plain containers and numbers.
final class TorchGlobals implements Globals {
    private static final Map<String, DType> STORAGES = Map.ofEntries(Map.entry("DoubleStorage", DType.F64),
            Map.entry("FloatStorage", DType.F32), Map.entry("HalfStorage", DType.F16),
            Map.entry("BFloat16Storage", DType.BF16), Map.entry("LongStorage", DType.I64),
            Map.entry("IntStorage", DType.I32), Map.entry("ShortStorage", DType.I16),
            Map.entry("CharStorage", DType.I8), Map.entry("ByteStorage", DType.U8),
            Map.entry("BoolStorage", DType.BOOL), Map.entry("UntypedStorage", DType.U8));
    private static final Map<String, DType> DTYPES = Map.of("float64", DType.F64, "float32", DType.F32, "float16",
            DType.F16, "bfloat16", DType.BF16, "int64", DType.I64, "int32", DType.I32, "int16", DType.I16, "int8",
            DType.I8, "uint8", DType.U8, "bool", DType.BOOL);
    private final Globals numpy = new NumpyGlobals();

    @Override
    public Optional<Object> find(String module, String name) {
        if (module.equals("torch") && (STORAGES.containsKey(name) || DTYPES.containsKey(name))) {
            return Optional.of(STORAGES.getOrDefault(name, DTYPES.getOrDefault(name, DType.U8)));
        }
        if (module.equals("torch.storage") && name.equals("UntypedStorage")) {
            return Optional.of(DType.U8);
        }
        Optional<Object> ours = Optional.ofNullable(switch (module + "." + name) {
            case "collections.OrderedDict" -> (Constructor) TorchGlobals::ordered;
            case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor" ->
                (Constructor) TorchGlobals::tensor;
            case "torch._utils._rebuild_parameter" -> (Constructor) List::getFirst;
            case "torch._utils._rebuild_parameter_with_state" -> (Constructor) List::getFirst;
            case "torch.Size" -> (Constructor) a -> a.isEmpty() ? new Tuple(List.of()) : a.getFirst();
            case "torch.device" -> (Constructor) a -> "device " + a.getFirst();
            case "torch.serialization._get_layout" -> (Constructor) List::getFirst;
            case "builtins.set", "__builtin__.set" -> (Constructor) _ -> new java.util.LinkedHashSet<>();
            default -> null;
        });
        return ours.or(() -> numpy.find(module, name));
    }

    /// `OrderedDict()` or, in old files, `OrderedDict([[key, value], …])`.
    private static Object ordered(List<Object> arguments) throws IOException {
        var map = new LinkedHashMap<Object, Object>();
        if (!arguments.isEmpty() && arguments.getFirst() instanceof List<?> pairs) {
            for (var pair : pairs) {
                switch (pair) {
                    case Tuple(List<Object> two) when two.size() == 2 && two.getFirst() instanceof String key ->
                        map.put(key, two.getLast());
                    case List<?> two when two.size() == 2 && two.getFirst() instanceof String key ->
                        map.put(key, two.getLast());
                    default -> throw new IOException("an OrderedDict of something else than named values");
                }
            }
        }
        return map;
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, …)`
    private static Object tensor(List<Object> a) {
        return new TorchTensor((Storage) a.get(0), (Long) a.get(1), longs((Tuple) a.get(2)), longs((Tuple) a.get(3)));
    }

    private static List<Long> longs(Tuple numbers) {
        return numbers.items().stream().map(Long.class::cast).toList();
    }

    /// A persistent id: `('storage', type, key, location, elements[, view])`.
    static Storage storage(String file, Object id) throws IOException {
        if (!(id instanceof Tuple t) || t.size() < 5 || !"storage".equals(t.get(0))
                || !(t.get(1) instanceof DType dtype) || !(t.get(4) instanceof Long elements)) {
            throw new IOException("[%s] refers to something that is not a storage of a known type".formatted(file));
        }
        if (t.size() > 5 && t.get(5) instanceof Tuple) {
            throw new IOException(
                    "[%s] holds a view on another storage, as PyTorch before 0.4 wrote it. Load and save it again with a newer PyTorch"
                            .formatted(file));
        }
        return new Storage(dtype, String.valueOf(t.get(2)), elements);
    }
}
