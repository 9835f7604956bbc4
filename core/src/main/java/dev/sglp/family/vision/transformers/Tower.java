package dev.sglp.family.vision.transformers;

import dev.sglp.family.NetworkPlace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An image tower, alone or in a file with the text's: found by its tensors where its configuration is there.
interface Tower extends TransformersVision {
    /// How it is spoken of in a whole model.
    TowerFields.Whole whole();

    @Override
    default Optional<Map<String, Object>> own(Map<String, Object> config) {
        return TowerFields.own(config, whole());
    }

    @Override
    default List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        return own(config).isPresent() ? TowerFields.places(names) : List.of();
    }

    @Override
    default Set<String> beside() {
        return TowerFields.beside();
    }
}
