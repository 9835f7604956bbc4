package dev.sglp.checkpoint.torch;

import dev.sglp.pickle.Buildable;
import dev.sglp.pickle.Constructor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What trainings save beside the weights: arguments, paths, times, settings, states of random generators. Nothing here needs
/// them, so each becomes a placeholder that holds nothing, or an empty container where the pickle goes on to fill it.
final class Bystanders {
    private static final Inert INERT = new Inert();

    /// By module.
    private static final Map<String, List<String>> INERT_CLASSES = Map.ofEntries(
            Map.entry("argparse", List.of("Namespace")), Map.entry("types", List.of("SimpleNamespace")),
            Map.entry("builtins", List.of("list", "dict", "tuple", "int", "float", "str", "bool", "object", "complex",
                    "range", "slice")),
            Map.entry("__builtin__", List.of("list", "dict", "tuple", "int", "long", "float", "str", "unicode", "bool",
                    "object", "complex", "xrange", "slice")),
            Map.entry("pathlib", paths()), Map.entry("pathlib._local", paths()),
            Map.entry("datetime", List.of("datetime", "date", "time", "timedelta", "timezone")),
            Map.entry("decimal", List.of("Decimal")), Map.entry("fractions", List.of("Fraction")),
            Map.entry("uuid", List.of("UUID")), Map.entry("random", List.of("Random")),
            Map.entry("numpy", List.of("bool", "bool_", "int8", "int16", "int32", "int64", "uint8", "float16",
                    "float32", "float64")),
            Map.entry("numpy.random._pickle", List.of("__randomstate_ctor", "__generator_ctor",
                    "__bit_generator_ctor")),
            Map.entry("numpy.random._mt19937", List.of("MT19937")), Map.entry("numpy.random._pcg64",
                    List.of("PCG64", "PCG64DXSM")),
            Map.entry("numpy.random.bit_generator", List.of("SeedSequence", "__pyx_unpickle_SeedSequence")),
            Map.entry("torch.serialization", List.of("_get_layout")),
            Map.entry("typing", List.of("Any")), Map.entry("omegaconf.dictconfig", List.of("DictConfig")),
            Map.entry("omegaconf.listconfig", List.of("ListConfig")),
            Map.entry("omegaconf.base", List.of("ContainerMetadata", "Metadata")),
            Map.entry("omegaconf.nodes", List.of("AnyNode", "StringNode", "IntegerNode", "FloatNode", "BooleanNode",
                    "PathNode")),
            Map.entry("pytorch_lightning.callbacks.model_checkpoint", List.of("ModelCheckpoint")),
            Map.entry("pytorch_lightning.callbacks.early_stopping", List.of("EarlyStopping")));

    /// Dictionaries with names of their own.
    private static final List<String> DICTIONARIES = List.of("collections.defaultdict",
            "pytorch_lightning.utilities.parsing.AttributeDict", "lightning.pytorch.utilities.parsing.AttributeDict",
            "lightning_fabric.utilities.data.AttributeDict", "lightning.fabric.utilities.data.AttributeDict",
            "easydict.EasyDict", "addict.addict.Dict", "yacs.config.CfgNode");

    private Bystanders() {}

    private static List<String> paths() {
        return List.of("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath");
    }

    /// Takes whatever state follows, and keeps none of it.
    private static final class Inert implements Buildable {
        @Override
        public Object build(Object state) {
            return this;
        }
    }

    /// For the globals of the pickle's rules.
    static Map<String, Object> all() {
        var globals = new HashMap<String, Object>();
        INERT_CLASSES.forEach(
                (module, names) -> names.forEach(n -> globals.put(module + "." + n, (Constructor) _ -> INERT)));
        DICTIONARIES.forEach(name -> globals.put(name, (Constructor) _ -> new LinkedHashMap<>()));
        globals.put("collections.deque", (Constructor) _ -> new ArrayList<>());
        globals.put("torch.torch_version.TorchVersion", (Constructor) List::getFirst);
        globals.put("builtins.Ellipsis", INERT);
        globals.put("__builtin__.Ellipsis", INERT);
        return globals;
    }
}
