/// Language models of the OLMo kind, a file a family.
@NullMarked
package dev.sglp.family.decoder.olmo;

import org.jspecify.annotations.NullMarked;
