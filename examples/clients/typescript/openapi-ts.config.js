// Of @hey-api/openapi-ts: modules of Node.js name each other with their extension.
export default {
  input: "openapi.json",
  output: { path: "portal", module: { extension: ".js" } },
};
