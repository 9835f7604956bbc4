package dev.sglp.family.convolution;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.Architecture.Input.Signal;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.NormalisationFields;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.family.vision.timm.TimmArguments;
import dev.sglp.family.vision.timm.TimmPreparation;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The header of a checkpoint and what lies beside it, read with errors that name the tensor or the field.
///
/// @param file  for errors
/// @param title of the family
public record ConvolutionHeader(String file, String title, Map<String, TensorInfo> tensors, ConfigFields config) {
    private static final long MOST = 1 << 20;
    private static final String PREPARED = TimmFolder.IMAGES;
    private static final Pattern CONCERNS_CONVOLUTIONS = Pattern.compile(
            "(?i)(.*_)?(act|activation|stride|dilation|groups?|cardinality|kernel|pool|pooling|width|eps|epsilon|padding|stem|se|mult|downsample|shortcut)(_.*|s?)");
    private static final String POOLED = "global_pool";
    static final int LEAST_PIXELS = 4;
    static final int MOST_PIXELS = 4096;
    private static final int IMAGENET_PIXELS = 224;

    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /// The shape of a tensor that has to be there.
    public List<Long> shape(String name, int dimensions) throws IOException {
        var info = tensors.get(name);
        if (info == null || info.shape().size() != dimensions
                || info.shape().stream().anyMatch(s -> s < 1 || s > MOST)) {
            throw new IOException("[%s] tensor '%s': expected %d dimensions of a sane size, got %s".formatted(file,
                    name, dimensions, info == null ? "no such tensor" : info.shape()));
        }
        return info.shape();
    }

    /// The same of any number of dimensions.
    public List<Long> shape(String name) throws IOException {
        return shape(name, has(name) ? tensors.get(name).shape().size() : 1);
    }

    /// The shape of a convolution's weight, whose window is a square.
    public List<Long> convolution(String name) throws IOException {
        var shape = shape(name + ".weight", 4);
        if (!shape.get(2).equals(shape.get(3))) {
            throw new IOException("[%s] tensor '%s.weight' has shape %s, expected a square window".formatted(file,
                    name, shape));
        }
        return shape;
    }

    /// The same, whose window may also go over signals.
    public List<Long> window(String name) throws IOException {
        return has(name + ".weight") && tensors.get(name + ".weight").shape().size() == 3
                ? shape(name + ".weight", 3)
                : convolution(name);
    }

    /// Channels that a convolution takes.
    public long channels(String name) throws IOException {
        return window(name).get(1);
    }

    /// How many there are of `before`, a number, `after`.
    ///
    /// @param start the first number
    public int depth(String before, int start, String after) {
        return (int) IntStream.iterate(start, i -> has(before + i + after), i -> i + 1).count();
    }

    /// Asked where timm's files have the same names.
    ///
    /// @param known timm's networks that compute what is computed here
    /// @param shown what of its `model_args` tensors show
    /// @throws IOException where timm's `config.json` says that it is another
    public void timm(Known known, Set<String> shown) throws IOException {
        var architecture = config.value(TimmFolder.ARCHITECTURE);
        if (architecture.isPresent() && !known.names.matcher(String.valueOf(architecture.get())).matches()) {
            throw config.wrong(TimmFolder.ARCHITECTURE, known.words, architecture.get());
        }
        var args = config.inside(TimmArguments.NAME);
        TimmArguments.check(args, shown);
        for (var fields : List.of(config, args)) {
            fields.mustBe(POOLED, "avg", "what the classifier reads");
        }
    }

    /// @param names of networks of timm
    /// @param words for them
    public record Known(Pattern names, String words) {}

    /// Of a folder of timm's, where it says its architecture.
    ///
    /// @param all of its `config.json`
    ConvolutionFamily.Told inFolder(ConvolutionFamily.Told told, Map<String, Object> all) {
        return config.value(TimmFolder.ARCHITECTURE).isPresent() && !told.form().arguments(told.blueprint()).isEmpty()
                ? new ConvolutionFamily.Told(told.blueprint(), new TimmFolder(told.form(), all))
                : told;
    }

    /// Their length is what no tensor shows.
    Signal signal(long channels) throws IOException {
        return new Signal(Math.toIntExact(channels), config.count("input_size"));
    }

    /// @param pixels  of a side where nothing says otherwise
    /// @param resized the shorter side before ImageNet's are cut, where nothing says otherwise
    Image input(long channels, int pixels, int resized) throws IOException {
        var timm = config.object(PREPARED);
        int size = config.count("input_size", timm.isPresent() ? timmPixels(timm.get(), pixels) : pixels);
        var own = config.object(NormalisationFields.NAME);
        if (size < LEAST_PIXELS || size > MOST_PIXELS) {
            throw config.wrong("input_size", "%d to %d pixels".formatted(LEAST_PIXELS, MOST_PIXELS), size);
        }
        var said = own.isPresent() || timm.isEmpty() ? config.inside(NormalisationFields.NAME) : timm.get();
        var normal = NormalisationFields.of(said, NormalisationFields.IMAGENET, channels);
        var prepared = PreparationFields.of(config);
        return new Image(Math.toIntExact(channels), size, size, normal.mean(), normal.std(),
                prepared.isPresent() ? prepared.get() : usual(size, timm, resized));
    }

    /// As timm's file says, as torchvision does of its size, else as they are.
    private static Preparation usual(int size, Optional<ConfigFields> timm, int resized) throws IOException {
        if (timm.isPresent()) {
            return TimmPreparation.of(timm.get(), new Size(size, size));
        }
        return size == IMAGENET_PIXELS
                ? Preparation.of(resized, Interpolation.BILINEAR, IMAGENET_PIXELS)
                : Preparation.NONE;
    }

    /// Of a square.
    private static int timmPixels(ConfigFields prepared, int otherwise) throws IOException {
        var size = prepared.list("input_size");
        if (size.isEmpty()) {
            return otherwise;
        }
        if (size.size() != 3 || !(size.get(1) instanceof Integer side) || !side.equals(size.get(2))) {
            throw prepared.wrong("input_size", "channels and the sides of a square", size);
        }
        return side;
    }

    /// Whether the configuration says how pixels are normalised.
    boolean saysNormalisation() throws IOException {
        var timm = config.object(PREPARED);
        return config.value(NormalisationFields.NAME).isPresent()
                || timm.isPresent() && timm.get().value("mean").isPresent();
    }

    /// @throws IOException where the configuration says of convolutions what nobody asked for
    void refuseUnread(int layers) throws IOException {
        config.refuseUnread(layers);
        config.refuseUnread(CONCERNS_CONVOLUTIONS);
    }

    List<String> classNames(long classes) throws IOException {
        var list = config.list("class_names");
        var timm = config.list("label_names");
        if (list.isEmpty() && timm.size() == classes) {
            list = timm;
        }
        if (!list.isEmpty() && list.size() != classes) {
            throw new IOException(
                    "[%s] config.json names %d classes, the head has %d".formatted(file, list.size(), classes));
        }
        return list.stream().map(String::valueOf).toList();
    }

    /// @throws IOException where an image becomes smaller than a pixel
    void checkPlaces(Blueprint network, Shape image) throws IOException {
        for (var part : network.placed(image)) {
            checkAxes(part, image.line() ? 1 : 2);
        }
        if (network.shortestSide(image) < 1) {
            throw config.wrong("input_size", "images of which something is left behind the last layer",
                    image.width());
        }
    }

    private void checkAxes(Blueprint.Placed part, int axes) throws IOException {
        for (var step : part.steps()) {
            if (step instanceof StepSpec.Convolving c && c.axes() != axes && c.axes() > 0) {
                throw new IOException(
                        "[%s] tensor '%s.weight' has a window of %d dimensions, the first convolution's of %d"
                                .formatted(file, c.at().at(part.counts()), c.axes(), axes));
            }
        }
    }

    /// @throws IOException where a tensor is missing, of another shape or type, or not known
    void check(Map<String, List<Long>> expected) throws IOException {
        for (var entry : expected.entrySet()) {
            boolean counter = Blueprint.isCounter(entry.getKey());
            var info = tensors.get(entry.getKey());
            if (info == null && counter) {
                continue; // absent in files older than PyTorch 0.4.1
            }
            if (info == null) {
                throw new IOException("[%s] has no tensor '%s', expected shape %s. Maybe the file is incomplete"
                        .formatted(file, entry.getKey(), entry.getValue()));
            }
            if (!info.shape().equals(entry.getValue())) {
                throw new IOException("[%s] tensor '%s' has shape %s, expected %s".formatted(file, entry.getKey(),
                        info.shape(), entry.getValue()));
            }
            if (!info.dtype().floating() && !counter) {
                throw new IOException("[%s] tensor '%s' has elements of type %s, expected floating-point numbers"
                        .formatted(file, entry.getKey(), info.dtype()));
            }
        }
        for (var name : tensors.keySet()) {
            if (!expected.containsKey(name)) {
                throw new IOException("[%s] tensor '%s' does not belong to a %s with these blocks".formatted(file, name,
                        title));
            }
        }
    }

    /// @param told what tensors say
    /// @throws IOException where it says otherwise
    void checkStated(String family, int classes, ConvolutionFamily.Told told) throws IOException {
        config.mustBe("family", family, "by its tensors");
        config.mustBe("classes", (Object) classes, "by its tensors");
        for (var field : told.form().fields(told.blueprint()).entrySet()) {
            checkSame(config, field, config.value(field.getKey()).map(v -> told.form().canonical(field.getKey(), v)));
        }
        var args = config.inside(TimmArguments.NAME);
        for (var field : told.form().arguments(told.blueprint()).entrySet()) {
            checkSame(args, field, args.value(field.getKey()));
        }
    }

    private static void checkSame(ConfigFields fields, Map.Entry<String, Object> field, Optional<Object> said)
            throws IOException {
        if (said.isPresent() && !same(said.get(), field.getValue())) {
            throw fields.wrong(field.getKey(), "%s, as its tensors say".formatted(field.getValue()), said.get());
        }
    }

    private static boolean same(@Nullable Object a, Object b) {
        return a instanceof Number m && b instanceof Number n && m.doubleValue() == n.doubleValue() || b.equals(a)
                || a instanceof List<?> one && b instanceof List<?> other && one.size() == other.size()
                        && IntStream.range(0, one.size()).allMatch(i -> same(one.get(i), other.get(i)));
    }
}
