"""A decision as what CI shows: a table, JUnit, SARIF, a summary for a pull request."""
