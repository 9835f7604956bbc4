package dev.sglp.hostile;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.Oracle;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.data.DataSpec;
import dev.sglp.data.source.ImageSources;
import dev.sglp.data.task.ExactMatch;
import dev.sglp.data.task.ExactMatch.Asking;
import dev.sglp.data.task.ExactMatchKind;
import dev.sglp.data.text.ConversationsTest;
import dev.sglp.data.text.Tokenizers;
import dev.sglp.model.LayerSet;
import dev.sglp.pickle.NumpyGlobals;
import dev.sglp.pickle.PickleRules;
import dev.sglp.pickle.Unpickler;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.report.Json;
import dev.sglp.segmentation.Segmentation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Everything that reads a stranger's file, with a good file to start from.
enum Readers {
    SAFETENSORS("model.safetensors", "safetensors/reference.safetensors") {
        @Override
        void read(Path file) throws IOException {
            Whole.read(file);
        }
    },
    SAFETENSORS_HEADER("model.safetensors", "safetensors/reference.safetensors") {
        @Override
        byte[] mutant(byte[] whole, int number) {
            return headerMutant(whole, number);
        }

        @Override
        void read(Path file) throws IOException {
            Whole.read(file);
        }
    },
    TORCH_ZIP("model.pt", "checkpoint/strides-zip.pt", "checkpoint/trained-zip.pt", "training/beside.pt") {
        @Override
        void read(Path file) throws IOException {
            Whole.read(file);
        }
    },
    TORCH_LEGACY("model.pt", "checkpoint/strides-legacy.pt", "checkpoint/trained-legacy.pt",
            "checkpoint/dtypes-legacy.pt", "training/beside-legacy.pt") {
        @Override
        void read(Path file) throws IOException {
            Whole.read(file);
        }
    },
    GGUF("model.gguf", "gguf/pico-llama.gguf", "gguf/pico-llama3.gguf", "gguf/pico-qwen2.gguf",
            "gguf/pico-qwen3.gguf") {
        @Override
        void read(Path file) throws IOException {
            Whole.read(file);
        }
    },
    GGUF_HEADER("model.gguf", "gguf/pico-llama.gguf", "gguf/pico-llama3.gguf", "gguf/pico-qwen2.gguf",
            "gguf/pico-qwen3.gguf") {
        @Override
        byte[] mutant(byte[] whole, int number) {
            int header = Math.min(whole.length, 3500);
            var start = Mutants.of(Arrays.copyOf(whole, header), number);
            return ByteBuffer.allocate(whole.length - header + start.length).put(start)
                    .put(whole, header, whole.length - header).array();
        }

        @Override
        void read(Path file) throws IOException {
            Whole.read(file);
        }
    },
    SHARD_INDEX("model.safetensors.index.json") {
        @Override
        List<byte[]> seeds() throws IOException {
            return List.of(index());
        }

        @Override
        void read(Path file) throws IOException {
            for (var shard : SHARDS) {
                var copy = file.resolveSibling(shard.substring(shard.indexOf('/') + 1));
                if (!Files.exists(copy)) {
                    Files.copy(resource(shard), copy);
                }
            }
            Whole.read(file.getParent());
        }
    },
    NUMPY_PICKLE("data.pkl", "checkpoint/numpy/batch0.pkl", "checkpoint/numpy/batch2.pkl",
            "checkpoint/numpy/batch4.pkl", "checkpoint/numpy/rich2.pkl", "checkpoint/numpy/rich5.pkl") {
        @Override
        void read(Path file) throws IOException {
            var rules = PickleRules.of(NumpyGlobals.all(), "");
            new Unpickler(file, MemorySegment.ofArray(Files.readAllBytes(file)), rules).load();
        }
    },
    FAMILY("model.safetensors", "oracle/pico_resnet.safetensors") {
        @Override
        byte[] mutant(byte[] whole, int number) {
            return headerMutant(whole, number);
        }

        @Override
        void read(Path file) throws IOException {
            Described.describe(file);
        }
    },
    CONFIG("config.json") {
        @Override
        List<byte[]> seeds() {
            return List.of(CONFIG_JSON.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        void read(Path file) throws IOException {
            Described.describe(beside(file, "oracle/pico_resnet.safetensors"));
        }
    },
    DECODER_CONFIG("config.json", "decoder/qwen3/config.json") {
        @Override
        List<byte[]> seeds() throws IOException {
            var plain = super.seeds().getFirst();
            var quantized = new String(plain, StandardCharsets.UTF_8).replaceFirst("\\{", QUANTIZED);
            return List.of(plain, quantized.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        void read(Path file) throws IOException {
            Described.describe(beside(file, "decoder/qwen3/model.safetensors"));
        }
    },
    PREPROCESSOR("preprocessor_config.json", "vision/vit/plain/preprocessor_config.json",
            "vision/dinov2/resized/preprocessor_config.json",
            "vision/clip_vision_model/projected/preprocessor_config.json") {
        @Override
        void read(Path file) throws IOException {
            for (var name : List.of("config.json", "model.safetensors")) {
                var copy = file.resolveSibling(name);
                if (!Files.exists(copy)) {
                    Files.copy(resource("vision/vit/plain/" + name), copy);
                }
            }
            Described.describe(file.getParent());
        }
    },
    PLAN("plan.json") {
        @Override
        List<byte[]> seeds() {
            return List.of(Json.pretty(plan()).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        void read(Path file) throws IOException {
            Json.readPlan(file).toString();
        }
    },
    NPZ("arrays.npz", "npz/splits.npz", "npz/unsplit.npz", "npz/float16.npz", "npz/version2.npz") {
        @Override
        void read(Path file) throws IOException {
            Whole.decode("arrays:" + file);
        }
    },
    /// Damages an array inside a sound zip, so that the damage gets past the checksum.
    NPY("arrays.npz", "npz/splits.npz", "npz/fortran.npz", "npz/float32.npz", "npz/version3.npz") {
        @Override
        byte[] mutant(byte[] whole, int number) throws IOException {
            return ZipMutants.ofOneEntry(whole, number);
        }

        @Override
        void read(Path file) throws IOException {
            Whole.decode("arrays:" + file);
        }
    },
    SIGNALS("signals.npz", "npz/signals.npz", "npz/signals_fortran.npz", "npz/signals_flat.npz") {
        @Override
        byte[] mutant(byte[] whole, int number) throws IOException {
            return ZipMutants.ofOneEntry(whole, number);
        }

        @Override
        void read(Path file) throws IOException {
            Whole.decode(ImageSources.signals(DataSpec.parse("arrays:" + file)), Whole.AS_THEY_ARE);
        }
    },
    IMAGE_ZIP("images.zip") {
        @Override
        List<byte[]> seeds() throws IOException {
            return List.of(ZipMutants.ofImages(List.of("full.jpg", "grey.png", "palette.gif")));
        }

        @Override
        void read(Path file) throws IOException {
            Whole.decode("images:" + file);
        }
    },
    /// Damages a picture inside a sound zip.
    IMAGE("images.zip") {
        @Override
        List<byte[]> seeds() throws IOException {
            var seeds = new java.util.ArrayList<byte[]>();
            for (var picture : List.of("full.jpg", "progressive.jpg", "rgb.png", "alpha.png", "bits.png", "palette.png",
                    "palette.gif", "rgb.bmp", "halved.jpg", "profile.jpg", "ycck.jpg", "upright.jpg")) {
                seeds.add(ZipMutants.ofImages(List.of(picture)));
            }
            return seeds;
        }

        @Override
        byte[] mutant(byte[] whole, int number) throws IOException {
            return ZipMutants.ofOneEntry(whole, number);
        }

        @Override
        void read(Path file) throws IOException {
            Whole.decode("images:" + file);
        }
    },
    /// The same of WebP, whose lossless form may name up to 65,536 tables of codes, which the library makes before it uses them.
    WEBP("images.zip") {
        @Override
        long allowance() {
            return 256 << 20;
        }

        @Override
        List<byte[]> seeds() throws IOException {
            return List.of(ZipMutants.ofImages(List.of("lossless.webp")), ZipMutants.ofImages(List.of("lossy.webp")));
        }

        @Override
        byte[] mutant(byte[] whole, int number) throws IOException {
            return ZipMutants.ofOneEntry(whole, number);
        }

        @Override
        void read(Path file) throws IOException {
            Whole.decode("images:" + file);
        }
    },
    CIFAR_BINARY("test_batch.bin") {
        @Override
        List<byte[]> seeds() {
            return List.of(CifarFiles.binary(4));
        }

        @Override
        void read(Path file) throws IOException {
            Whole.decode("cifar10:" + file.getParent());
        }
    },
    CIFAR_PICKLE("test_batch") {
        @Override
        List<byte[]> seeds() {
            return List.of(CifarFiles.pickle(4));
        }

        @Override
        void read(Path file) throws IOException {
            Whole.decode("cifar10:" + file.getParent());
        }
    },
    CONVERSATIONS("chat.jsonl", "text/conversations/chat.jsonl") {
        @Override
        void read(Path file) throws IOException {
            ConversationsTest.windows("plain", file, 400);
        }
    },
    WRITTEN_ANSWERS("test.jsonl", "text/gsm8k/test.jsonl") {
        @Override
        void read(Path file) throws IOException {
            ExactMatch.open(ExactMatchKind.GSM8K, file,
                    new Asking(Optional.of(1), Optional.of(resource("text/gsm8k/train.jsonl")), 0),
                    Tokenizers.of(resource("text/gsm8k/network"), Integer.MAX_VALUE));
        }
    };

    private static final String QUANTIZED = """
            {"quantization_config": {"bits": 8, "ignore": ["lm_head", "model.layers.1.mlp", null], "by": {"layers.2": 4}},
            """;

    static final String CONFIG_JSON = """
            {"family": "cifar-resnet", "depths": [2, 2, 2], "widths": [4, 8, 16], "classes": 5, "input_size": 16,
             "normalisation": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
             "class_names": ["a", "b", "c", "d", "\u00e9"]}
            """;

    private static final List<String> SHARDS = List.of("safetensors/reference.safetensors",
            "oracle/pico_resnet.safetensors");

    final String fileName;
    private final List<String> files;

    Readers(String fileName, String... files) {
        this.fileName = fileName;
        this.files = List.of(files);
    }

    /// Bytes that reading may take beside a multiple of the file's size.
    long allowance() {
        return 16 << 20;
    }

    /// Reads all of the file, or throws.
    abstract void read(Path file) throws IOException;

    /// Good files.
    List<byte[]> seeds() throws IOException {
        var seeds = new java.util.ArrayList<byte[]>();
        for (var file : files) {
            seeds.add(Files.readAllBytes(resource(file)));
        }
        return seeds;
    }

    byte[] mutant(byte[] whole, int number) throws IOException {
        return Mutants.of(whole, number);
    }

    /// Which tensor of the two shards is where.
    private static byte[] index() throws IOException {
        var map = new java.util.TreeMap<String, String>();
        for (var shard : SHARDS) {
            try (var checkpoint = Checkpoints.open(resource(shard))) {
                checkpoint.tensors().keySet().forEach(n -> map.put(n, shard.substring(shard.indexOf('/') + 1)));
            }
        }
        return new ObjectMapper().writeValueAsBytes(new java.util.TreeMap<>(
                java.util.Map.of("metadata", java.util.Map.of("total_size", 1), "weight_map", map)));
    }

    static Path resource(String name) {
        return Oracle.file("../" + name).normalize();
    }

    /// Damages the JSON only and says its length truthfully, so that the damage gets past the first check.
    private static byte[] headerMutant(byte[] whole, int number) {
        int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        var json = Mutants.of(Arrays.copyOfRange(whole, 8, 8 + length), number);
        return ByteBuffer.allocate(whole.length - length + json.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(whole, 8 + length, whole.length - 8 - length).array();
    }

    /// A copy of these weights in the folder of a configuration.
    private static Path beside(Path config, String weights) throws IOException {
        var copy = config.resolveSibling("pico.safetensors");
        if (!Files.exists(copy)) {
            Files.copy(resource(weights), copy);
        }
        return copy;
    }

    private static PruningPlan plan() {
        var one = new PruningPlan.Scored(LayerSet.of(1), 0.25, 0);
        return new PruningPlan(LayerSet.of(1, 3), List.of("layer1.1", "layer2.1"), "sglp", "gradnorm", 6,
                new Segmentation(List.of(0, 2, 6), List.of(2.0, 0.5), "given"), List.of(1, 1),
                new PruningPlan.Candidates(3, 5, "all"), List.of(new PruningPlan.SegmentChoice(0, 1, List.of(one))),
                List.of(new PruningPlan.Verified(LayerSet.of(1, 3), 0.5, 1.25)),
                new PruningPlan.Provenance("pico", "00ff", "images, 00aa", 7, "0.1", "sglp prune"));
    }
}
