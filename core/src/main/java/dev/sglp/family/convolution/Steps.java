package dev.sglp.family.convolution;

import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.StepSpec.Bending;
import dev.sglp.family.convolution.StepSpec.Classifying;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.family.convolution.StepSpec.Largest;
import dev.sglp.family.convolution.StepSpec.Mean;
import dev.sglp.family.convolution.StepSpec.Normalising;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Sliding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Steps told one after the other: each takes the channels that the one before gives, and what it gives a tensor shows. Windows are
/// padded by half of them.
public final class Steps {
    /// PyTorch's own, of batch norms.
    private static final double EPSILON = 1e-5;

    private final ConvolutionHeader header;
    private final Function<String, Name> names;
    private final String prefix;
    private final Draw draw;
    private final List<StepSpec> all = new ArrayList<>();
    private long channels;

    /// @param names    what runs is called, by what it is called here
    /// @param prefix   of its tensors in this file, before what it is called here
    /// @param channels that come in
    /// @param draw     of untrained convolutions
    public Steps(ConvolutionHeader header, Function<String, Name> names, String prefix, long channels, Draw draw) {
        this.header = header;
        this.names = names;
        this.prefix = prefix;
        this.channels = channels;
        this.draw = draw;
    }

    /// In a place.
    ///
    /// @param prefix of its tensors in this file
    public static Steps in(ConvolutionHeader header, Place place, String prefix, long channels, Draw draw) {
        return new Steps(header, place::name, prefix, channels, draw);
    }

    /// By their whole names.
    public static Steps of(ConvolutionHeader header, long channels, Draw draw) {
        return new Steps(header, Name::of, "", channels, draw);
    }

    /// A convolution without a bias whose window a tensor shows.
    public Steps window(String name, long stride) throws IOException {
        var shape = header.window(prefix + name);
        return convolve(name, shape.getLast(), Sliding.by(stride, shape.getLast() / 2), false);
    }

    /// The same of groups of channels where the weight sees fewer than come.
    public Steps grouped(String name, long stride) throws IOException {
        var shape = header.window(prefix + name);
        long groups = channels % shape.get(1) == 0 ? channels / shape.get(1) : 1;
        return convolve(name, shape.getLast(), new Sliding(stride, shape.getLast() / 2, groups), false);
    }

    /// A convolution of each channel of an image by itself.
    ///
    /// @param side of its window
    public Steps depthwise(String name, long side, long stride) throws IOException {
        return convolve(name, header.convolution(prefix + name), side, new Sliding(stride, side / 2, channels), false);
    }

    /// A convolution of each pixel of an image by itself.
    public Steps pixels(String name) throws IOException {
        return convolve(name, header.convolution(prefix + name), 1, Sliding.by(1, 0), false);
    }

    /// Any convolution.
    ///
    /// @param side of its window
    public Steps convolve(String name, long side, Sliding sliding, boolean bias) throws IOException {
        return convolve(name, header.window(prefix + name), side, sliding, bias);
    }

    private Steps convolve(String name, List<Long> shape, long side, Sliding sliding, boolean bias) {
        all.add(new Convolving(names.apply(name), channels, shape.getFirst(), side, sliding, bias, shape.size() - 2,
                draw));
        channels = shape.getFirst();
        return this;
    }

    /// A batch norm.
    public Steps norm(String name) {
        all.add(new Normalising(names.apply(name), channels, EPSILON));
        return this;
    }

    public Steps bend(Activation activation) {
        all.add(new Bending(activation));
        return this;
    }

    /// The largest number of each window.
    public Steps largest(long side, Sliding sliding) {
        all.add(new Largest(side, sliding));
        return this;
    }

    /// Means of all pixels.
    public Steps mean() {
        return means(1, 2);
    }

    /// Means of so many parts on each side, as one vector.
    ///
    /// @param axes 2, of signals 1
    public Steps means(long parts, int axes) {
        all.add(new Mean(parts));
        channels *= axes == 1 ? parts : parts * parts;
        return this;
    }

    /// A linear map to as many numbers as its tensor shows.
    ///
    /// @param name its whole name
    public Steps classify(String name, Draw own) throws IOException {
        long out = header.shape(name + ".weight", 2).getFirst();
        all.add(new Classifying(Name.of(name), channels, out, own));
        channels = out;
        return this;
    }

    /// Channels that the last one gives.
    public long channels() {
        return channels;
    }

    public List<StepSpec> all() {
        return List.copyOf(all);
    }
}
