/// Language models of the Gemma kind, a file a family.
@NullMarked
package dev.sglp.family.decoder.gemma;

import org.jspecify.annotations.NullMarked;
