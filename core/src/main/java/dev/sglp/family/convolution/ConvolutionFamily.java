package dev.sglp.family.convolution;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.Family;
import dev.sglp.family.FreshNetwork;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.convolution.ConvolutionArchitecture.Looks;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;

/// A family of convolutional networks: its names and numbers.
public interface ConvolutionFamily extends Family {
    /// For errors, for instance `CIFAR ResNet`.
    String title();

    /// A tensor that every network of the family has.
    String mark();

    /// Whether names are those of this family.
    boolean isOne(Predicate<String> has);

    /// Of an image's side where nothing says otherwise: ImageNet's.
    default int pixels() {
        return 224;
    }

    /// The same of one network.
    default int pixels(ConvolutionHeader header) throws IOException {
        return pixels();
    }

    /// @throws IOException where it is of this family but broken
    Told told(ConvolutionHeader header) throws IOException;

    /// What tensors and configuration say.
    record Told(Blueprint blueprint, ConvolutionForm form) {}

    @Override
    default List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        return NetworkPlace.prefixes(mark(), names).stream().filter(at -> isOne(name -> names.contains(at + name)))
                .map(at -> NetworkPlace.behind(at, names)).toList();
    }

    @Override
    default Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!tensors.containsKey(mark()) || !isOne(tensors::containsKey)) {
            return Optional.empty();
        }
        var header = new ConvolutionHeader(file, title(), tensors, new ConfigFields(file, config));
        var told = header.inFolder(told(header), config);
        var first = (StepSpec.Convolving) told.blueprint.stem().getFirst();
        var input = first.axes() == 1
                ? header.signal(first.in())
                : header.input(first.in(), pixels(header), told.form.resized(told.blueprint));
        header.checkPlaces(told.blueprint, Shape.of(input));
        var plain = new ConvolutionArchitecture(name(), told.blueprint, told.form,
                new Looks(input, header.saysNormalisation(), List.of()), tensors);
        header.check(plain.shapes());
        header.checkStated(name(), plain.classes(), told);
        var found = plain.naming(header.classNames(plain.classes()));
        header.refuseUnread(told.blueprint.blocks().size());
        return Optional.of(found);
    }

    /// A network with random weights by the family's own initialisation.
    ///
    /// @param seed what is drawn for a tensor depends on it and on the tensor's name alone
    default FreshNetwork fresh(Told told, Input.Image input, List<String> classNames, Seed seed) {
        var headers = new LinkedHashMap<String, TensorInfo>();
        var made = new ConvolutionArchitecture(name(), told.blueprint, told.form,
                new Looks(input, true, classNames), headers);
        made.shapes().forEach((name, shape) -> headers.put(name,
                new TensorInfo(name, Blueprint.isCounter(name) ? DType.I64 : DType.F32, shape)));
        try (var _ = Scope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            headers.forEach((name, info) -> tensors.put(name, Tensors.zeros(info.dtype(),
                    info.shape().stream().mapToLong(Long::longValue).toArray())));
            var drawn = told.blueprint.on(tensors::get, name(), input).reinitialised(seed);
            tensors.putAll(drawn.parameters());
            tensors.putAll(drawn.buffers());
            return new FreshNetwork(made, Weights.of("fresh " + made.description(), tensors));
        }
    }
}
