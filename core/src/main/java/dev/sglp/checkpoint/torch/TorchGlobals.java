package dev.sglp.checkpoint.torch;

import dev.sglp.pickle.Constructor;
import dev.sglp.pickle.None;
import dev.sglp.pickle.NumpyGlobals;
import dev.sglp.pickle.PickleRules;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a PyTorch file may build: tensors, storages, sizes, devices and types; beside them numpy's and plain containers, and
/// placeholders for what trainings save along.
/// It remembers every storage that was named, by key.
final class TorchGlobals {
    private static final String ADVICE = "Maybe other things lie beside the weights, or the whole model was saved: load it in PyTorch where it came from and save checkpoint['state_dict'] alone, or torch.save(model.state_dict(), path).";
    private static final Map<String, DType> STORAGES = Map.of("Double", DType.F64, "Float", DType.F32, "Half",
            DType.F16,
            "BFloat16", DType.BF16, "Long", DType.I64, "Int", DType.I32, "Short", DType.I16, "Char", DType.I8, "Byte",
            DType.U8, "Bool", DType.BOOL);
    private static final Map<String, DType> TYPES = Map.ofEntries(Map.entry("float64", DType.F64),
            Map.entry("double", DType.F64), Map.entry("float32", DType.F32), Map.entry("float", DType.F32),
            Map.entry("float16", DType.F16), Map.entry("half", DType.F16), Map.entry("bfloat16", DType.BF16),
            Map.entry("int64", DType.I64), Map.entry("long", DType.I64), Map.entry("int32", DType.I32),
            Map.entry("int", DType.I32), Map.entry("int16", DType.I16), Map.entry("short", DType.I16),
            Map.entry("int8", DType.I8), Map.entry("uint8", DType.U8), Map.entry("bool", DType.BOOL));

    private final Map<String, TorchStorage> storages = new LinkedHashMap<>();

    /// Marks a global that names a storage's type.
    private record StorageType(DType dtype) {}

    /// Every storage the pickle named, by its key.
    Map<String, TorchStorage> storages() {
        return storages;
    }

    /// What PyTorch calls a storage of this type.
    static String storageName(DType dtype) {
        return STORAGES.entrySet().stream().filter(e -> e.getValue() == dtype).findFirst().orElseThrow().getKey()
                + "Storage";
    }

    PickleRules rules() {
        var globals = new HashMap<>(Bystanders.all());
        globals.putAll(NumpyGlobals.all());
        STORAGES.forEach((name, dtype) -> {
            globals.put("torch." + name + "Storage", new StorageType(dtype));
            globals.put("torch.cuda." + name + "Storage", new StorageType(dtype));
        });
        TYPES.forEach((name, dtype) -> globals.put("torch." + name, dtype));
        for (var untyped : List.of("torch.UntypedStorage", "torch.storage.UntypedStorage",
                "torch.storage._UntypedStorage")) {
            globals.put(untyped, new StorageType(DType.U8));
        }
        globals.put("torch._utils._rebuild_tensor", (Constructor) TorchGlobals::tensor);
        globals.put("torch._utils._rebuild_tensor_v2", (Constructor) TorchGlobals::tensor);
        globals.put("torch._utils._rebuild_parameter", (Constructor) List::getFirst);
        globals.put("torch._utils._rebuild_parameter_with_state", (Constructor) List::getFirst);
        globals.put("torch.Size", (Constructor) List::getFirst);
        globals.put("torch.device", (Constructor) _ -> None.NONE);
        return new PickleRules(globals, this::storage, ADVICE);
    }

    /// `(storage, offset, sizes, strides, requires_grad, hooks, bits)`, the bits `{'neg': True}` where the storage holds the
    /// negated values.
    private static Object tensor(List<Object> arguments) throws IOException {
        if (arguments.size() > 6 && arguments.get(6) instanceof Map<?, ?> bits && bits.containsValue(true)) {
            throw new IOException("a tensor that is to be negated or conjugated when read. Save tensor.resolve_neg()");
        }
        return TorchTensor.checked(new TorchTensor((TorchStorage) arguments.getFirst(), (Long) arguments.get(1),
                longs(arguments.get(2)), longs(arguments.get(3))));
    }

    private static List<Long> longs(Object sizes) {
        return ((List<?>) sizes).stream().map(size -> (Long) size).toList();
    }

    /// `('storage', type, key, location, elements[, view])`, the view `(key, offset, elements)` or `None`.
    private Object storage(Object id) throws IOException {
        var parts = (List<?>) id;
        if (parts.size() < 5 || !"storage".equals(parts.getFirst()) || !(parts.get(1) instanceof StorageType type)) {
            throw new IOException("a stored object that is not a storage");
        }
        long elements = (Long) parts.get(4);
        var whole = new TorchStorage(key(parts.get(2)), type.dtype(), elements, 0, elements);
        var before = storages.putIfAbsent(whole.key(), whole);
        if (before != null && before.bytes() != whole.bytes()) {
            throw new IOException("storage '%s' with %d bytes, and before with %d".formatted(whole.key(), whole.bytes(),
                    before.bytes()));
        }
        return parts.size() > 5 && parts.get(5) instanceof List<?> view ? viewed(whole, view) : whole;
    }

    private static TorchStorage viewed(TorchStorage whole, List<?> view) {
        return new TorchStorage(whole.key(), whole.dtype(), whole.elements(), (Long) view.get(1), (Long) view.get(2));
    }

    private static String key(Object key) {
        return key instanceof String text ? text : Long.toString((Long) key);
    }
}
