//! Why a call was refused: CloudStack's exception, its codes, and what to tell whom.

use std::fmt;

/// The exception classes of CloudStack that a client can tell apart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Exception {
    /// `AccountLimitException`: an account may have no more of something.
    AccountLimit,
    /// `CloudRuntimeException`: everything that has no class of its own.
    CloudRuntime,
    /// `IllegalArgumentException` of Java itself.
    IllegalArgument,
    /// `InsufficientAddressCapacityException`: no address is left.
    InsufficientAddressCapacity,
    /// `InsufficientVirtualNetworkCapacityException`: no VLAN or VNI is left.
    InsufficientVirtualNetworkCapacity,
    /// `NetworkRuleConflictException`: a rule says something about the same traffic.
    NetworkRuleConflict,
    /// `InvalidParameterValueException`.
    InvalidParameterValue,
    /// `PermissionDeniedException`.
    PermissionDenied,
    /// `ResourceAllocationException`: a limit is reached.
    ResourceAllocation,
    /// `ResourceUnavailableException`.
    ResourceUnavailable,
    /// `ServerApiException` with `PARAM_ERROR`: missing or unreadable parameters.
    Parameter,
    /// `ServerApiException` with `MALFORMED_PARAMETER_ERROR`.
    MalformedParameter,
    /// `ServerApiException` with `UNSUPPORTED_ACTION_ERROR`: unknown or forbidden command.
    UnsupportedAction,
    /// `UnsupportedServiceException`.
    UnsupportedService,
}

impl Exception {
    /// The HTTP status and API error code (`ApiErrorCode` in CloudStack).
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::MalformedParameter => 430,
            Self::IllegalArgument | Self::InvalidParameterValue | Self::Parameter => 431,
            Self::UnsupportedAction => 432,
            Self::CloudRuntime | Self::UnsupportedService => 530,
            Self::PermissionDenied => 531,
            Self::AccountLimit => 532,
            Self::InsufficientAddressCapacity | Self::InsufficientVirtualNetworkCapacity => 533,
            Self::ResourceUnavailable => 534,
            Self::ResourceAllocation => 535,
            Self::NetworkRuleConflict => 537,
        }
    }

    /// `cserrorcode` (`CSExceptionErrorCode` in CloudStack).
    pub(crate) const fn cs_code(self) -> u16 {
        match self {
            Self::CloudRuntime => 4250,
            Self::AccountLimit => 4280,
            Self::InsufficientAddressCapacity => 4320,
            Self::InsufficientVirtualNetworkCapacity => 4331,
            Self::InvalidParameterValue => 4350,
            Self::NetworkRuleConflict => 4360,
            Self::PermissionDenied => 4365,
            Self::ResourceAllocation => 4370,
            Self::ResourceUnavailable => 4380,
            Self::UnsupportedService => 4390,
            Self::IllegalArgument
            | Self::Parameter
            | Self::MalformedParameter
            | Self::UnsupportedAction => 9999,
        }
    }

    /// The class's simple name, which operators search logs for.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::AccountLimit => "AccountLimitException",
            Self::CloudRuntime => "CloudRuntimeException",
            Self::IllegalArgument => "IllegalArgumentException",
            Self::InsufficientAddressCapacity => "InsufficientAddressCapacityException",
            Self::InsufficientVirtualNetworkCapacity => {
                "InsufficientVirtualNetworkCapacityException"
            }
            Self::InvalidParameterValue => "InvalidParameterValueException",
            Self::NetworkRuleConflict => "NetworkRuleConflictException",
            Self::PermissionDenied => "PermissionDeniedException",
            Self::ResourceAllocation => "ResourceAllocationException",
            Self::ResourceUnavailable => "ResourceUnavailableException",
            Self::Parameter | Self::MalformedParameter | Self::UnsupportedAction => {
                "ServerApiException"
            }
            Self::UnsupportedService => "UnsupportedServiceException",
        }
    }

    /// The code that a failure of this class has when it happens inside an asynchronous job:
    /// CloudStack's dispatcher keeps those of parameters and of `ServerApiException`, and turns
    /// everything else into 530 (`ApiAsyncJobDispatcher.runJob`).
    pub(crate) const fn job_code(self) -> u16 {
        match self {
            Self::InvalidParameterValue
            | Self::Parameter
            | Self::MalformedParameter
            | Self::UnsupportedAction => self.code(),
            _ => 530,
        }
    }
}

/// A refused call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// The class, which decides the codes.
    pub(crate) exception: Exception,
    /// What the caller may read.
    pub(crate) text: String,
    /// What only the log gets, for example the message of the database.
    pub(crate) logged: Option<String>,
    /// Ids of the things that the error is about, with what they are (`uuidList` on the wire).
    pub(crate) about: Vec<(String, &'static str)>,
    /// Whether it happened while a job was executed, after its parameters were accepted.
    pub(crate) in_job: bool,
}

impl Fault {
    /// A refusal with CloudStack's exception and a sentence for the caller.
    pub(crate) fn new(exception: Exception, text: impl Into<String>) -> Self {
        Self { exception, text: text.into(), logged: None, about: Vec::new(), in_job: false }
    }

    /// `InvalidParameterValueException` (431, 4350). The sentence names the parameter.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(Exception::InvalidParameterValue, text)
    }

    /// A failure that is not the caller's: the log gets the reason, the caller a sentence.
    pub(crate) fn internal(text: impl Into<String>, logged: impl Into<String>) -> Self {
        Self { logged: Some(logged.into()), ..Self::new(Exception::CloudRuntime, text) }
    }

    /// The same fault, about the thing with this id.
    pub(crate) fn about(mut self, id: impl fmt::Display, what: &'static str) -> Self {
        self.about.push((id.to_string(), what));
        self
    }

    /// The same fault, as it happens after the parameters of an asynchronous call were accepted:
    /// the call has a job, and the job failed.
    pub(crate) fn in_job(mut self) -> Self {
        self.in_job = true;
        self
    }

    /// The fault as the caller may see it. What says how full the installation is, or what is
    /// wrong with it, is for root admins only; what happened in a job is told as it is.
    pub(crate) fn shown_to(self, root: bool) -> Self {
        if root || self.in_job || !matches!(self.code(), 530 | 533 | 534) {
            return self;
        }
        let text = "Internal error executing command, please contact your system administrator";
        Self { text: text.into(), about: Vec::new(), ..self }
    }

    /// The error code that the client sees.
    pub(crate) const fn code(&self) -> u16 {
        if self.in_job { self.exception.job_code() } else { self.exception.code() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
