package dev.sglp.cli.data;

import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.family.Architecture.Input.Signal;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.List;

/// How signals are read: as they are.
final class SignalOptions implements Labelled {
    @Override
    public String takes() {
        return "signals";
    }

    @Override
    public String verb() {
        return "reads";
    }

    @Override
    public String[] flags() {
        return new String[0];
    }

    @Override
    public void check(ModelFile model, List<DataSpec> specs) {
        specs.forEach(ImageSources::checkSignals);
    }

    @Override
    public ImageSource open(DataSpec spec, ModelFile model) throws IOException {
        return ImageSources.signals(spec);
    }

    @Override
    public Reading reading(ModelFile model, Request request) {
        return new Reading(request.around().threads(), Preparation.NONE, Normalisation.NONE,
                request.around().progress());
    }

    @Override
    public List<Long> shape(ModelFile model) {
        if (model.architecture().input() instanceof Signal signal) {
            return List.of((long) signal.channels(), (long) signal.length());
        }
        throw new UsageException("[%s] reads no signals".formatted(model.checkpoint().path()));
    }

    @Override
    public String remedy(ModelFile model, ImageSet items) {
        return "Cut or resample them before";
    }

    @Override
    public List<String> unsaid(ModelFile model, Dataset report) {
        return List.of();
    }

    @Override
    public void checkFlags(Dataset data, Given given) {}
}
