/// Records to JSON, terminal tables and one offline HTML file.
@NullMarked
package dev.sglp.report;

import org.jspecify.annotations.NullMarked;
