import { pageBuild } from "@jackfield/kit/page-build";

export default pageBuild({ outDir: "../jackfield_example/static" });
