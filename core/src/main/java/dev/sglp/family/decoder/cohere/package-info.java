/// Language models of the Command kind, a file a family.
@NullMarked
package dev.sglp.family.decoder.cohere;

import org.jspecify.annotations.NullMarked;
