// In Node.js by require, which loads modules since 20.19 and 22.12: no await stands at the top of the package.
const { dense, features, model } = require("recurra");

model(features(1), dense(1), { seed: 1 })
  .then((net) => net.predict([[1]]))
  .then(({ shape }) => console.log(shape.join()));
