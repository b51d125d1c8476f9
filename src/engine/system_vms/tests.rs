//! What routers and system VMs hold, and when.
