/// Language models of the Phi kind, a file a family.
@NullMarked
package dev.sglp.family.decoder.phi;

import org.jspecify.annotations.NullMarked;
