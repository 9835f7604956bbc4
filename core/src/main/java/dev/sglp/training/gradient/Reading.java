package dev.sglp.training.gradient;

import dev.sglp.data.Batch;
import dev.sglp.model.Pass;
import dev.sglp.model.past.Documents;
import java.util.Optional;

/// How a batch of text is read: row by row, or document by document where a row has several. Close it when its passes are over.
final class Reading implements AutoCloseable {
    private final Optional<Documents> documents;

    Reading(Batch batch) {
        documents = batch.documents().isEmpty()
                ? Optional.empty()
                : Optional.of(new Documents(batch.inputs().size(1), batch.documents()));
    }

    Pass pass() {
        return documents.map(Pass.evaluation()::over).orElseGet(Pass::evaluation);
    }

    @Override
    public void close() {
        documents.ifPresent(Documents::close);
    }
}
