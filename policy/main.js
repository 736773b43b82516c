// Pulumi hands a TypeScript entry to its own compiler, whatever the options say; what an ES module imports, Node runs itself.
import "./pack.ts";
