// Lets the page react to the visitor.

export const pause = () => new Promise((resolve) => setTimeout(resolve));
