// A page without any framework and without a build: what the shell asks for is a module with `mount` and `unmount`.
export default {
  mount(element) {
    element.textContent = "Birds";
  },
  unmount() {},
};
