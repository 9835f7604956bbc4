/// What has been read of texts that go on: the keys and values of each block, and where the next tokens stand.
@NullMarked
package dev.sglp.model.past;

import org.jspecify.annotations.NullMarked;
